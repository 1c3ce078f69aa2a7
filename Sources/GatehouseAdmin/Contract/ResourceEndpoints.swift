import GatehouseCore

/// Resources: the APIs that access tokens are for.
enum ResourceEndpoints {
    static let all: [AdminEndpoint] = [
        .create(
            .createResource, TenantEndpoints.one + "/resources",
            "Register a resource, so that clients can ask for tokens for it.", .resource,
            [
                Member.text(
                    "identifier", "An absolute URI; tokens carry it as their audience."
                ).required,
                name.required,
            ] + policies),
        .list(
            .listResources, TenantEndpoints.one + "/resources", "List the resources of a tenant.",
            .resource, .whole),
        AdminEndpoint.show(.showResource, one, "Show a resource.", .resource).revised,
        AdminEndpoint.change(
            .updateResource, one, "Change a resource. A list that is given replaces the old one.",
            .resource, [name, .flag("disabled", "Whether clients cannot ask for it.")] + policies
        ).revised,
        .delete(.deleteResource, one, "Delete a resource and revoke every grant that is for it."),
    ]

    private static let one = TenantEndpoints.one + "/resources/{resource}"
    private static let name = Member.text("name", "What people see.")
    private static let policies: [Member] = [
        Member(
            "scopes", .describedNames, "Scope values, and what each means.", option: "--scope"),
        .choice("token_format", ["jwt", "opaque"], "What access tokens look like."),
        .choice(
            "algorithm", Shape.algorithms + ["client"],
            "How they are signed; client for what the client says."),
        Member(
            "lifetime", .numberOr(30...86_400, "client"),
            "Seconds that they last; client for what the client says."),
        .texts("claims", "Claims about the person that they carry.", option: "--claim"),
        Member(
            "clients", .textsOr(["all"]), "The clients that may ask for it.", option: "--client"),
        .texts(
            "servers", "Clients that speak for it: they may introspect its tokens.",
            option: "--server"),
        Member(
            "authorization_details_types", .objects,
            "Types of authorization details that it understands (RFC 9396).",
            option: "--authorization-details-type"),
    ]
}

extension Shape {
    static let resource = Shape(
        "Resource", "An API that access tokens are for.",
        [
            .text("id", "Its id."), .text("identifier", "The audience of its tokens."),
            .text("name", "What people see."),
            Field("scopes", .describedNames, "Scope values, and what each means."),
            .choice("token_format", ["jwt", "opaque"], "What access tokens look like."),
            .choice("algorithm", algorithms + ["client"], "How they are signed."),
            Field("lifetime", .numberOr("client"), "Seconds that they last."),
            .texts("claims", "Claims about the person that they carry."),
            Field("clients", .textsOr("all"), "The clients that may ask for it."),
            .texts("servers", "Clients that speak for it."),
            Field("authorization_details_types", .anyObjects, "What it understands."),
            .time("created_at", "When it was registered."),
            .time("disabled_at", "Since when clients cannot ask for it.").orNull,
        ])
}

import GatehouseCore
import HTTPTypes

/// What configurations that are kept in files manage.
enum ConfigurationEndpoints {
    static let all: [AdminEndpoint] = [
        .list(
            .listMarks, marks,
            "List what configurations manage of a tenant, and what they call it.",
            .configurationMark, .whole),
        .change(
            .setMark, one, "Say that a configuration manages something.", .configurationMark,
            [managedBy.required, managedAs.required], by: .put),
        .delete(
            .removeMark, one, "Say that no configuration manages something; it stays as it is.",
            as: "removed"),
    ]

    private static let marks = TenantEndpoints.one + "/configuration-marks"
    private static let one = marks + "/{kind}/{object}"
    static let managedBy = Member.text(
        "managed_by", "What the configuration calls itself, as a slug.")
    static let managedAs = Member.text("managed_as", "What the configuration calls it.")
}

extension Shape {
    static let configurationMark = Shape(
        "ConfigurationMark", "That a configuration manages something.",
        [
            .choice("kind", ConfigurationMark.Kind.allCases.map(\.rawValue), "What it is."),
            .text("id", "The id of what is managed."),
            .text("managed_by", "What the configuration calls itself."),
            .text("managed_as", "What the configuration calls it."),
        ])

    static let clientUsage = Shape(
        "ClientUsage", "How much a client was used. It is at most a second old.",
        [
            .text("client_id", "Its id."), .time("since", "Since when it was counted."),
            .number("sign_ins", "How often somebody signed in to it."),
            .number("refreshes", "How often it used a refresh token."),
            .number("tokens", "How many tokens it got for itself."),
            Field("redirect_uris", .list(useOfURI), "At which redirect URIs people signed in."),
            Field("scopes", .list(useOfScope), "What sign-ins asked for."),
        ])

    private static let useOfURI = Shape(
        "RedirectURIUse", "How often people signed in at a redirect URI.",
        [.text("redirect_uri", "The redirect URI, as it is registered."), signIns])

    private static let useOfScope = Shape(
        "ScopeUse", "How often a sign-in asked for a scope value.",
        [.text("scope", "The scope value."), signIns])

    private static let signIns = Field.number("sign_ins", "How many sign-ins.")
}

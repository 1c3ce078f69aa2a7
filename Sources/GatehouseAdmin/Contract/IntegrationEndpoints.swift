import GatehouseCore
import HTTPTypes

/// What whoever writes an app asks about its client.
enum IntegrationEndpoints {
    static let all: [AdminEndpoint] = [
        AdminEndpoint.show(
            .integrateClient, one + "/integration",
            "Show code, settings and a prompt that connect an app, without the secret.",
            .integration
        ).taking([.text("with", "Only the snippet of this id, such as express.")]),
        .show(
            .checkClient, one + "/check",
            "Walk a client's registration, and say what would fail and what mends it.",
            .clientCheck),
        AdminEndpoint.show(
            .checkRedirectURI, TenantEndpoints.one + "/redirect-uri-check",
            "Say whether an address can be registered as a redirect URI, and what to mind.",
            .redirectURICheck
        ).taking([
            Member.text("uri", "The address.").required,
            .choice(
                "type", ["web", "spa", "native"], "What kind of app it is for. Default: web."),
        ]),
        .act(
            .previewClient, one + "/preview",
            "Show what tokens of a client would say, why, and why there would be none.",
            .tokenPreview,
            [
                .text("user", "About whom: an id, e-mail address or username. Not for a machine."),
                .text("scope", "What is asked for. Default: all that the client may ask for."),
                .text("organization", "The organization that is selected, by its id or slug."),
                .texts(
                    "resources", "APIs that the token is for, by their identifiers.",
                    option: "--resource"),
            ], .help),
    ]

    private static let one = TenantEndpoints.one + "/clients/{client}"
}

extension Shape {
    private static let claim = Shape(
        "PreviewedClaim", "A claim and why it is there.",
        [
            .text("name", "Its name."), .text("value", "What it says, as JSON."),
            .text("reason", "By which scope, setting or rule it is there."),
        ])

    private static let claims = Field("claims", .list(claim), "What it says.")

    private static let token = Shape(
        "PreviewedToken", "A token as it would be. It is not signed, and no token.",
        [
            .choice("format", ["jwt", "opaque"], "Whether others can read it."),
            .text("algorithm", "How it would be signed.").orNull,
            .number("bytes", "How long it would be."),
            .flag("fits", "Whether cookies and headers take it."), claims,
        ])

    fileprivate static let tokenPreview = Shape(
        "TokenPreview", "What tokens of a client would be. Nothing was issued.",
        [
            .text("client_id", "The client."),
            .flag("issued", "Whether there would be tokens."),
            Field(
                "refusal",
                .object(
                    Shape(
                        "PreviewedRefusal", "Why there would be none.",
                        [
                            .text("reason", "A name of the reason, such as invalid_scope."),
                            .text("message", "The same in words."),
                        ])), "Why there would be none."
            ).orNull,
            .text("scope", "What they would be good for."),
            .texts("steps", "What has to happen on the way."),
            Field("access_token", .object(token), "The access token.").orNull,
            Field("id_token", .object(token), "The ID token.").orNull,
            Field(
                "userinfo",
                .object(Shape("PreviewedUserInfo", "What userinfo would answer.", [claims])),
                "What userinfo would answer."
            ).orNull,
        ])

    static let severity = Finding.Severity.allCases.map(\.rawValue)

    static let finding = Shape(
        "Finding", "One thing that a check found out.",
        [
            .choice("severity", severity, "How bad it is."),
            .text("rule", "A name of the rule, which stays the same."),
            .text("message", "What is the matter."),
            .text("advice", "What to do about it; empty where nothing has to be done."),
            .text("command", "The command that mends it, if one does.").orNull,
            .text("field", "The member of the client that it is about, if it is one.").orNull,
        ])

    fileprivate static let clientCheck = Shape(
        "ClientCheck", "What is found out about the registration of a client.",
        [
            .text("client_id", "Its id."),
            .choice("verdict", severity, "The worst that was found."),
            Field("findings", .list(finding), "What was found, subject by subject."),
        ])

    fileprivate static let redirectURICheck = Shape(
        "RedirectURICheck", "What is to be said about an address before it is registered.",
        [
            .text("uri", "The address."),
            .choice("type", ["web", "spa", "native"], "What kind of app it is for."),
            .flag("accepted", "Whether it can be registered."),
            Field("findings", .list(finding), "Why not, or what to mind."),
        ])

    fileprivate static let integration = Shape(
        "Integration", "What connects an app to its client. No secret is in it.",
        [
            .text("client_id", "Its id."),
            .choice("type", ["web", "spa", "native", "machine"], "What kind of app it is."),
            .text("issuer", "Who signs its tokens."),
            .text("discovery", "Where a library finds everything else."),
            .text("redirect_uri", "Where answers go, in the code.").orNull,
            .text("scope", "What the code asks for."),
            .text("audience", "The API that access tokens are for.").orNull,
            .texts("notes", "What the client is registered to do besides."),
            Field("snippets", .list(snippet), "Code, the most usual first."),
            .text("env", "A file .env, with a placeholder where the secret belongs."),
            .text("prompt", "What to give an assistant that writes code."),
            .text("check", "The command that says whether the client is right."),
        ])

    private static let snippet = Shape(
        "IntegrationSnippet", "Code for one framework.",
        [
            .text("id", "Its id, such as express."), .text("title", "What it is for."),
            .text("language", "What it is written in."),
            .text("file", "What the file is called that it is pasted into."),
            .text("install", "What installs what it needs; empty if it needs nothing."),
            .text("code", "The code."), .texts("notes", "What to know besides."),
            .choice(
                "tested", IntegrationSnippet.Evidence.allCases.map(\.rawValue),
                "Whether tests of Gatehouse run it, compile it, or leave it unchecked."),
        ])
}

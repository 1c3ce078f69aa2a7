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
    ]

    private static let one = TenantEndpoints.one + "/clients/{client}"
}

extension Shape {
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

import GatehouseCore
import HTTPTypes

/// Who else lets programs in: API keys, and issuers that are trusted.
enum AccessEndpoints {
    static let all: [AdminEndpoint] = apiKeys + trustedIssuers

    private static let apiKeys: [AdminEndpoint] = [
        .create(
            .createAPIKey, TenantEndpoints.one + "/api-keys",
            "Make an API key of a user, an organization, or a member. It is shown once, here.",
            .apiKey,
            [
                Member.text("name", "What it is for, in words.").required,
                .text("user", "The id, e-mail address or username of the person whose it is."),
                .text("organization", "The organization whose it is, or in which it counts."),
                Member.texts(
                    "resources", "APIs that may ask about it, by their identifiers.",
                    option: "--resource"
                ).required,
                .texts(
                    "scopes", "Actions that it allows, such as invoices:read.", option: "--scope"),
                .texts(
                    "networks", "Networks that it may be used from, such as 192.0.2.0/24.",
                    option: "--network"),
                .text(
                    "expires_in", "How long it is good, such as 12h or 90d. Default: for good."),
            ]),
        .list(
            .listAPIKeys, TenantEndpoints.one + "/api-keys",
            "List the API keys of a tenant, oldest first.", .apiKey,
            by: [
                .text("user", "Only those of this user: an id, e-mail address or username."),
                .text("organization", "Only those in this organization: its id or slug."),
            ]),
        .delete(
            .revokeAPIKey, TenantEndpoints.one + "/api-keys/{key}",
            "Make an API key useless at once.", as: "revoked"),
    ]

    private static let trustedIssuers: [AdminEndpoint] = [
        .create(
            .createTrustedIssuer, TenantEndpoints.one + "/trusted-issuers",
            "Take assertions of an issuer for access tokens (RFC 7523).", .trustedIssuer,
            [
                Member.text("issuer", "What it calls itself: the iss of its assertions.").required
            ] + terms),
        .list(
            .listTrustedIssuers, TenantEndpoints.one + "/trusted-issuers",
            "List the issuers that a tenant trusts.", .trustedIssuer, .whole),
        .show(
            .showTrustedIssuer, issuer, "Show an issuer, and to whom its subjects are linked.",
            .trustedIssuer),
        .change(
            .updateTrustedIssuer, issuer,
            "Change an issuer. A list that is given replaces the old one.", .trustedIssuer,
            [.flag("disabled", "Whether its assertions are refused.")] + terms),
        .delete(
            .deleteTrustedIssuer, issuer, "Trust an issuer no longer, and forget its links."),
        .change(
            .linkSubject, issuer + "/subjects/{subject}",
            "Say which user an issuer means by a subject.", .subjectLink,
            [Member.text("user", "The user's id.").required], by: .put),
        .delete(
            .unlinkSubject, issuer + "/subjects/{subject}", "Take the link of a subject away."),
    ]

    private static let issuer = TenantEndpoints.one + "/trusted-issuers/{issuer}"
    private static let terms: [Member] = [
        Member("jwks", .object, "The public keys of the issuer, as a JSON Web Key Set."),
        .text("jwks_uri", "The https address at which the issuer publishes its keys."),
        .texts("algorithms", "What it may sign with. Default: all.", option: "--algorithm"),
        .texts("clients", "Clients that may bring its assertions.", option: "--client"),
        .choice("subject", ["user", "email", "link"], "Who its subjects are."),
        .text("scope", "What its assertions may give. Default: nothing."),
        .texts(
            "resources", "Identifiers of resources that tokens may be for.", option: "--resource"),
        .number("lifetime", 30...86_400, "Seconds that access tokens last at most."),
    ]
}

extension Shape {
    static let apiKey = Shape(
        "APIKey", "A secret by which a program acts at APIs.",
        [
            .text("id", "Its id."), .text("name", "What it is for."),
            .text("begins_with", "How it begins."), .text("user", "Whose it is.").orNull,
            .text("organization", "Whose it is, or in which it counts.").orNull,
            .texts("resources", "APIs that may ask about it."),
            .texts("scopes", "What it allows."),
            .texts("networks", "Where it may be used from; none for anywhere."),
            .time("created_at", "When it was made."),
            .time("expires_at", "When it stops being good.").optional,
            .time("last_used_at", "When it was last used.").optional,
            .text("api_key", "The key; shown once.").optional,
        ])

    static let trustedIssuer = Shape(
        "TrustedIssuer", "An issuer whose assertions are taken for access tokens.",
        [
            .text("id", "Its id."), .text("issuer", "What it calls itself."),
            .choice("subject", ["user", "email", "link"], "Who its subjects are."),
            .texts("clients", "Clients that may bring its assertions."),
            .texts("algorithms", "What it may sign with."),
            .text("scope", "What its assertions may give."),
            .texts("resources", "What tokens may be for."),
            .number("lifetime", "Seconds that access tokens last at most."),
            .time("created_at", "When it was made."),
            .time("disabled_at", "Since when its assertions are refused.").orNull,
            Field("jwks", .anyObject, "Its public keys.").optional,
            .text("jwks_uri", "Where it publishes its keys.").optional,
            Field("links", .describedNames, "The users that its subjects are.").optional,
        ])

    static let subjectLink = Shape(
        "SubjectLink", "Which user an issuer means by a subject.",
        [.text("subject", "The subject."), .text("user", "The user.")])
}

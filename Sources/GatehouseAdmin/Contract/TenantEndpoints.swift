import GatehouseCore

/// Tenants, and what each has one of.
enum TenantEndpoints {
    static let all: [AdminEndpoint] = tenants + domains + keys + registration

    private static let tenants: [AdminEndpoint] = [
        .create(
            .createTenant, "tenants", "Create a tenant with the keys that it signs with.", .tenant,
            [
                .text(
                    "slug", "The part of the address that names it, such as acme.",
                    argument: "tenant"
                ).required,
                name, accountRegistration, explainErrors,
            ]
        ).ofInstallation,
        AdminEndpoint.list(
            .listTenants, "tenants", "List the tenants, by slug.", .tenant, .after("slug")
        ).ofInstallation,
        AdminEndpoint.show(.showTenant, one, "Show a tenant.", .tenant).revised,
        AdminEndpoint.change(
            .updateTenant, one, "Change a tenant.", .tenant,
            [
                name, accountRegistration, explainErrors,
                .texts(
                    "allowed_origins",
                    "Origins whose pages may call the endpoints, besides those of redirect URIs.",
                    option: "--allowed-origin"),
                .text(
                    "primary_address", "The host that the tenant is known by, or path."),
                .flag("disabled", "Whether it cannot be used."),
            ]
        ).revised,
        AdminEndpoint.delete(
            .deleteTenant, one, "Delete a tenant with its users, clients and keys.", .own
        ).ofInstallation,
        .list(
            .listLimits, one + "/limits", "List how often what may be tried at a tenant.", .limit,
            .whole),
        AdminEndpoint.change(
            .changeLimit, one + "/limits/{limit}",
            "Change how often something may be tried at a tenant.", .limit,
            [
                .number(
                    "allowed", 1...1_000_000, "How often.", argument: "allow", option: "--allow"),
                .text("per", "In which time, such as 90s, 15m, 1h or 7d; at most 31d."),
                .flag("reset", "Go back to the default."),
            ]
        ).ofInstallation,
    ]

    private static let domains: [AdminEndpoint] = [
        .create(
            .addDomain, one + "/domains",
            "Claim a domain; the answer has the TXT record that proves it.", .domain,
            [.text("host", "The domain, such as login.example.com.").required]),
        .list(
            .listDomains, one + "/domains", "List the addresses of a tenant, each an issuer.",
            .domain, .whole),
        .act(
            .verifyDomain, one + "/domains/{host}/verify",
            "Look for the TXT record, and have the tenant answer at the domain.", .domain),
        .delete(
            .removeDomain, one + "/domains/{host}",
            "Give a domain up; the tenant no longer answers there.", as: "removed"),
    ]

    private static let keys: [AdminEndpoint] = [
        .list(
            .listKeys, one + "/keys", "List the signing keys of a tenant and what each is for.",
            .signingKey, .whole),
        .show(.showKey, one + "/keys/{key}", "Show a signing key.", .signingKey),
        .create(
            .createKey, one + "/keys",
            "Create a key of an algorithm that the tenant does not sign with yet.", .signingKey,
            [algorithm]),
        .act(
            .rotateKey, one + "/keys/rotate",
            "Replace a signing key: the new one signs 70 minutes later, or at once.", .signingKey,
            [algorithm, .flag("at_once", "Sign with the new key at once.")], .own),
        .delete(
            .deleteKey, one + "/keys/{key}",
            "Remove a key at once: nothing that it signed verifies any more.", .own),
    ]

    private static let registration: [AdminEndpoint] = [
        .show(
            .showRegistration, one + "/registration",
            "Show who may register clients at a tenant, and what.", .registrationPolicy),
        .change(
            .updateRegistration, one + "/registration",
            "Change who may register clients at a tenant, and what.", .registrationPolicy,
            [
                .choice("preset", ["mcp"], "What MCP clients need, before all else that is said."),
                .choice("mode", ["off", "initial-access-token", "open"], "Who may register."),
                Member(
                    "metadata_documents", .choice(["off", "listed", "any"]),
                    "Whose metadata documents are taken.", argument: "documents"),
                .texts("allowed_hosts", "Hosts whose documents are taken.", option: "--allow-host"),
                .texts("denied_hosts", "Hosts whose documents are not.", option: "--deny-host"),
                .texts("grant_types", "What may be registered.", option: "--grant-type"),
                .texts(
                    "authentications", "How such clients may prove who they are.",
                    option: "--authentication"),
                .text("scope", "What they may ask for, or resources for whatever resources know."),
                redirectHosts,
                .text(
                    "remove_unused_after",
                    "After which time an unused one is removed, such as 12h or 30d; at most 365d.",
                    argument: "unused"),
                .number("most_clients", 1...1_000_000, "How many there may be."),
            ]),
        .create(
            .createInitialAccessToken, one + "/initial-access-tokens",
            "Make a token by which somebody registers clients. It is shown once, here.",
            .initialAccessToken,
            [
                .number("uses", 1...1_000_000, "How often it can be used. Default: 1."),
                .text("expires_in", "How long, such as 30m, 12h or 7d; at most 365d."),
                .text("scope", "What such clients may ask for."),
                .texts("grant_types", "What they may register.", option: "--grant-type"),
                redirectHosts,
            ]),
        .list(
            .listInitialAccessTokens, one + "/initial-access-tokens",
            "List the initial access tokens of a tenant.", .initialAccessToken, .whole),
        .delete(
            .deleteInitialAccessToken, one + "/initial-access-tokens/{token}",
            "Make an initial access token useless."),
    ]

    static let one = "tenants/{tenant}"
    private static let name = Member.text("name", "What people see. Default: the slug.")
    private static let accountRegistration = Member.choice(
        "registration", ["open", "closed"], "Whether strangers may create accounts.")
    private static let explainErrors = Member.flag(
        "explain_errors", "Whether error pages show anyone the rule that failed.")
    private static let algorithm = Member.choice(
        "algorithm", Shape.algorithms, "What it signs with."
    ).required
    private static let redirectHosts = Member.texts(
        "redirect_hosts", "Where their answers may go.", option: "--redirect-host")
}

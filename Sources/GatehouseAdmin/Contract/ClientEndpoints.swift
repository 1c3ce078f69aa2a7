import GatehouseCore
import HTTPTypes

/// Clients, their secrets and logos, and what they may exchange.
enum ClientEndpoints {
    static let all: [AdminEndpoint] = clients + exchanges + refusedRequests

    private static let refusedRequests: [AdminEndpoint] = [
        .list(
            .listRefusedRequests, TenantEndpoints.one + "/refused-requests",
            "List authorization requests that were refused in the last day, newest first.",
            .refusedRequest, .whole,
            by: [
                .text("client", "Only those that named the client of this id."),
                .number("limit", 1...1_000, "How many to list. Default: 100."),
            ]),
        .show(
            .showRefusedRequest, TenantEndpoints.one + "/refused-requests/{incident}",
            "Show what was sent, which rule failed, and what is registered instead.",
            .explainedRequest),
    ]

    private static let clients: [AdminEndpoint] = [
        .create(
            .createClient, TenantEndpoints.one + "/clients",
            "Register a client. A secret is shown once, here.", .client,
            [
                Member.choice(
                    "type", ["web", "spa", "native", "machine"], "What kind of app it is."
                ).required,
                name.required,
            ] + ClientMembers.all
                + [ConfigurationEndpoints.managedBy, ConfigurationEndpoints.managedAs]),
        .list(
            .listClients, TenantEndpoints.one + "/clients", "List the clients of a tenant.",
            .client, .after("client_id")),
        AdminEndpoint.show(
            .showClient, one, "Show a client and when its secrets were last used.", .client
        ).revised,
        AdminEndpoint.change(
            .updateClient, one, "Change a client. A list that is given replaces the old one.",
            .client,
            [name, .flag("disabled", "Whether the client cannot be used.")] + ClientMembers.all
        ).revised,
        .delete(.deleteClient, one, "Delete a client with its secrets and grants."),
        .show(
            .showUsage, one + "/usage", "Show how much a client was used, and by what.",
            .clientUsage
        ).taking([
            .number(
                "days", 0...89, "From so many days before today, in UTC, on. Default: 7.")
        ]),
        .create(
            .addSecret, one + "/secrets",
            "Give a client another secret. It is shown once, here.", .newSecret, []),
        .delete(
            .removeSecret, one + "/secrets/{secret}", "Make a secret of a client useless at once."),
        .change(
            .setLogos, one + "/logos", "Give a client logos, in the place of those it had.",
            .client, logos, by: .put),
        .change(
            .removeLogos, one + "/logos", "Take its logos from a client.", .client, [],
            by: .delete),
    ]

    private static let exchanges: [AdminEndpoint] = [
        .create(
            .createExchange, one + "/exchanges",
            "Let a client exchange tokens (RFC 8693). Without this, it can exchange none.",
            .exchangePolicy,
            [
                Member.choice(
                    "mode", ["delegation", "impersonation"], "Whether the token says who acts."
                ).required,
                Member.texts(
                    "resources", "Identifiers of resources that new tokens may be for.",
                    option: "--resource"
                ).required,
                .texts("from", "Clients whose tokens may be exchanged, whoever they are for."),
                .texts(
                    "audiences", "Audiences of tokens that may be exchanged.",
                    option: "--audience"),
                .text(
                    "scope", "Scope that new tokens may have even if the exchanged one has it not."),
                .flag("id_tokens", "Whether ID tokens may be exchanged too."),
                .text("may_act", "The only client that may exchange the new token again."),
                .flag("hide_actor", "Leave out of the token who acts. For impersonation only."),
            ]),
        .list(
            .listExchanges, one + "/exchanges", "List what a client may exchange.",
            .exchangePolicy, .whole),
        .delete(
            .deleteExchange, one + "/exchanges/{policy}", "Take a policy away at once."),
    ]

    private static let one = TenantEndpoints.one + "/clients/{client}"
    private static let name = Member.text("name", "What people see.")
    static let logos: [Member] = [
        Member("light", .file, "The image: PNG, JPEG or WebP of at most 256 KiB.").required,
        Member("dark", .file, "Another one for dark pages."),
    ]
}

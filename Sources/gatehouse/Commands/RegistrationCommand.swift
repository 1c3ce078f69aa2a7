import ArgumentParser
import GatehouseAdmin
import GatehouseEncoding

/// Commands on how clients make themselves known to a tenant.
struct RegistrationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "registration",
        abstract: "Let clients register themselves, or be known by a document.",
        subcommands: [Show.self, Update.self, TokenCommand.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show who may register at a tenant, and what.")
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .showRegistration, [("tenant", .string(tenant))], instance, output)
        }
    }

    /// What may be registered.
    struct Limits: ParsableArguments {
        @Option(
            name: .customLong("scope"),
            help: "A scope value that may be registered. Repeatable.")
        var scopes: [String] = []
        @Option(
            name: .customLong("grant-type"),
            help: "A grant type that may be registered. Repeatable.")
        var grantTypes: [String] = []
        @Option(
            name: .customLong("redirect-host"),
            help: """
                A host that answers may be sent to, such as app.example.com or *.example.com. \
                Repeatable; “” for any.
                """)
        var redirectHosts: [String] = []

        var arguments: [(String, JSONValue?)] {
            [
                ("scope", scopes.isEmpty ? nil : .string(scopes.joined(separator: " "))),
                ("grant_types", .texts(grantTypes)), ("redirect_hosts", .texts(redirectHosts)),
            ]
        }
    }

    struct Update: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "update", abstract: "Change who may register at a tenant, and what.",
            discussion: """
                A list that is given replaces the old one. “--scope resources” means the identity \
                scopes and whatever a resource of the tenant knows. The preset mcp is what the MCP \
                authorization profile asks of a server; what is said besides is changed after it.
                """)
        @Option(help: "The tenant's slug.") var tenant: String
        @Option(help: "Begin with a preset: mcp.") var preset: String?
        @Option(help: "Who may register over HTTP: off, initial-access-token or open.")
        var mode: String?
        @Option(help: "Whose documents may name a client: off, listed or any.")
        var metadataDocuments: String?
        @Option(
            name: .customLong("allow-host"),
            help: "A host of documents for “listed”. Repeatable; “” for none.")
        var allowedHosts: [String] = []
        @Option(
            name: .customLong("deny-host"),
            help: "A host whose documents are never asked for. Repeatable; “” for none.")
        var deniedHosts: [String] = []
        @Option(
            name: .customLong("authentication"),
            help: """
                How clients may authenticate: none, client_secret_basic, client_secret_post, \
                private_key_jwt, tls_client_auth or self_signed_tls_client_auth. Repeatable.
                """)
        var authentications: [String] = []
        @OptionGroup var limits: Limits
        @Option(help: "How long a client is kept that nobody uses, 1h to 365d. Default: 30d.")
        var removeUnusedAfter: String?
        @Option(help: "How many such clients there may be, 1 to 1000000. Default: 10000.")
        var mostClients: Int?
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .updateRegistration,
                [
                    ("tenant", .string(tenant)), ("preset", preset.map { .string($0) }),
                    ("mode", mode.map { .string($0) }),
                    ("documents", metadataDocuments.map { .string($0) }),
                    ("allowed_hosts", .texts(allowedHosts)),
                    ("denied_hosts", .texts(deniedHosts)),
                    ("authentications", .texts(authentications)),
                    ("unused", removeUnusedAfter.map { .string($0) }),
                    ("most_clients", mostClients.map { .integer(Int64($0)) }),
                ] + limits.arguments, instance, output)
        }
    }

    /// Commands on initial access tokens.
    struct TokenCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "token",
            abstract: "Create, list and delete the tokens that let clients register.",
            subcommands: [Create.self, List.self, Delete.self])
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create",
            abstract: "Create an initial access token. It is printed once, here.",
            discussion: "What it allows is never more than what the tenant does.")
        @Option(help: "The tenant's slug.") var tenant: String
        @Option(help: "How many clients may register with it. Default: 1.") var uses: Int?
        @Option(help: "How long it is good, such as 30m, 12h or 7d. Default: 7d.")
        var expiresIn: String?
        @OptionGroup var limits: Limits
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .createInitialAccessToken,
                [
                    ("tenant", .string(tenant)), ("uses", uses.map { .integer(Int64($0)) }),
                    ("expires_in", expiresIn.map { .string($0) }),
                ] + limits.arguments, instance, output)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the initial access tokens of a tenant.")
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .listInitialAccessTokens, [("tenant", .string(tenant))], instance, output)
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete",
            abstract: "Delete an initial access token. Clients that registered with it stay.")
        @Argument(help: "The token's id.") var token: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .deleteInitialAccessToken,
                [("tenant", .string(tenant)), ("token", .string(token))], instance, output)
        }
    }
}

extension JSONValue? {
    /// The texts of an option that may be repeated; nil where it is not there.
    static func texts(_ texts: [String]) -> JSONValue? {
        texts.isEmpty ? nil : .array(texts.map { .string($0) })
    }
}

import ArgumentParser
import GatehouseAdmin
import GatehouseEncoding

/// Commands on API keys.
struct APIKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "api-key",
        abstract: "Let programs act at APIs for a user or an organization, without signing in.",
        subcommands: [Create.self, List.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Make an API key. It is printed once, here.",
            discussion: """
                With --user and --organization it is the key of a member: it allows what they may do \
                there at the moment, and goes when they leave.
                """)
        @Option(help: "The tenant's slug.") var tenant: String
        @Option(help: "What it is for, in words.") var name: String
        @Option(help: "The id, e-mail address or username of the person whose it is.")
        var user: String?
        @Option(help: "The id or slug of the organization whose it is, or in which it counts.")
        var organization: String?
        @Option(
            name: .customLong("resource"),
            help: "An API that may ask about it, by its identifier. Repeatable.")
        var resources: [String] = []
        @Option(
            name: .customLong("scope"),
            help: "An action that it allows, such as invoices:read. Repeatable.")
        var scopes: [String] = []
        @Option(
            name: .customLong("network"),
            help: "A network that it may be used from, such as 192.0.2.0/24. Repeatable.")
        var networks: [String] = []
        @Option(help: "How long it is good, such as 12h or 90d. Default: until it is revoked.")
        var expiresIn: String?
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .createAPIKey,
                [
                    ("tenant", .string(tenant)), ("name", .string(name)),
                    ("user", user.map { .string($0) }),
                    ("organization", organization.map { .string($0) }),
                    ("resources", .texts(resources)), ("scopes", .texts(scopes)),
                    ("networks", .texts(networks)),
                    ("expires_in", expiresIn.map { .string($0) }),
                ], instance, output)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the API keys of a tenant, oldest first.")
        @Option(help: "The tenant's slug.") var tenant: String
        @Option(help: "Only those of this user: an id, e-mail address or username.")
        var user: String?
        @Option(help: "Only those in this organization: its id or slug.")
        var organization: String?
        @Option(help: "Begin after the key of this id.") var after: String?
        @Option(help: "How many to list. Default: 100.") var limit: Int = 100
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .listAPIKeys,
                [
                    ("tenant", .string(tenant)), ("user", user.map { .string($0) }),
                    ("organization", organization.map { .string($0) }),
                    ("after", after.map { .string($0) }), ("limit", .integer(Int64(limit))),
                ], instance, output)
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke", abstract: "Make an API key useless at once.")
        @Argument(help: "The key's id.") var key: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .revokeAPIKey, [("tenant", .string(tenant)), ("key", .string(key))], instance,
                output)
        }
    }
}

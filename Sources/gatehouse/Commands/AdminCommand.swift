import ArgumentParser
import GatehouseAdmin
import GatehouseEncoding
import GatehouseProtocol

/// Commands on the administration.
struct AdminCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admin", abstract: "Get into the administration, and let programs in.",
        subcommands: [
            Link.self, AdministratorCommand.self, AdministratorKeyCommand.self, Describe.self,
        ])

    struct Link: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "link",
            abstract: "Print a one-time link to the administration, good for 15 minutes.")
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws { try await perform(.issueAdminLink, [], instance, output) }
    }

    struct Describe: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "describe",
            abstract: "Print the contract of the admin API, an OpenAPI document.")
        @Option(help: "The address that the document names.")
        var baseURL = "https://id.example.com"

        func run() async throws {
            let document = AdminDocument(
                base: try .init(parsing: baseURL), version: Version.current)
            print(String(decoding: document.json.serialized(), as: UTF8.self))
        }
    }
}

/// Commands on the keys by which programs administer.
struct AdministratorKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Let programs administer the installation, or one tenant of it.",
        subcommands: [Create.self, List.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Make an administrator key. It is printed once, here.",
            discussion: """
                A viewer looks at everything; support helps people besides; an admin changes \
                everything but what cannot be undone; an owner does all that can be done.
                """)
        @Option(help: "What it is for, in words.") var name: String
        @Option(help: "How much its bearer may do: viewer, support, admin or owner.")
        var role: String
        @Option(help: "The slug of the one tenant that it administers. Default: all.")
        var tenant: String?
        @Option(help: "How long it is good, such as 12h or 90d. Default: until it is revoked.")
        var expiresIn: String?
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                tenant == nil ? .createAdministratorKey : .createTenantAdministratorKey,
                [
                    ("tenant", tenant.map { .string($0) }), ("name", .string(name)),
                    ("role", .string(role)), ("expires_in", expiresIn.map { .string($0) }),
                ], instance, output)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the administrator keys, oldest first.")
        @Option(help: "Only those that administer the tenant of this slug.") var tenant: String?
        @Option(help: "Begin after the key of this id.") var after: String?
        @Option(help: "How many to list. Default: 100.") var limit: Int = 100
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                tenant == nil ? .listAdministratorKeys : .listTenantAdministratorKeys,
                [
                    ("tenant", tenant.map { .string($0) }), ("after", after.map { .string($0) }),
                    ("limit", .integer(Int64(limit))),
                ], instance, output)
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke", abstract: "Make an administrator key useless at once.")
        @Argument(help: "The key's id.") var key: String
        @Option(help: "The slug of the one tenant that it administers, if it is one.")
        var tenant: String?
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                tenant == nil ? .revokeAdministratorKey : .revokeTenantAdministratorKey,
                [("tenant", tenant.map { .string($0) }), ("key", .string(key))], instance, output)
        }
    }
}

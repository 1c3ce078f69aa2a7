import ArgumentParser
import GatehouseAdmin
import GatehouseEncoding

/// Commands on the members of an organization.
struct MemberCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "member",
        abstract: "Put people into an organization, and take them out.",
        subcommands: [
            Add.self, List.self, Update.self, Suspend.self, Activate.self, Remove.self,
        ])

    /// What a member is and may do.
    struct Rights: ParsableArguments {
        @Option(
            name: .customLong("role"),
            help: "A role of the organization or of the tenant, or an empty text. Repeatable.")
        var roles: [String] = []
        @Option(
            name: .customLong("scope"),
            help: "What they may do besides, such as projects:write or owner. Repeatable.")
        var scopes: [String] = []
        @Option(help: "What they are there, such as Founder.") var title: String?

        var arguments: [(String, JSONValue?)] {
            [
                ("roles", roles.isEmpty ? nil : .array(roles.map { .string($0) })),
                ("scopes", scopes.isEmpty ? nil : .array(scopes.map { .string($0) })),
                ("title", title.map { .string($0) }),
            ]
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Put a user into an organization.")
        @Argument(help: "The organization's id or slug.") var organization: String
        @Argument(help: "The user's id, e-mail address or username.") var user: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var rights: Rights
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .addMember,
                [
                    ("tenant", .string(tenant)), ("organization", .string(organization)),
                    ("user", .string(user)),
                ] + rights.arguments, instance, output)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the members of an organization, by their ids.")
        @Argument(help: "The organization's id or slug.") var organization: String
        @Option(help: "The tenant's slug.") var tenant: String
        @Option(help: "Only those who are in this group.") var group: String?
        @Option(help: "Begin after the user of this id.") var after: String?
        @Option(help: "How many to list. Default: 100.") var limit: Int = 100
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .listMembers,
                [
                    ("tenant", .string(tenant)), ("organization", .string(organization)),
                    ("group", group.map { .string($0) }),
                    ("after", after.map { .string($0) }), ("limit", .integer(Int64(limit))),
                ], instance, output)
        }
    }

    struct Update: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "update",
            abstract: "Change a member. A list that is given replaces the old one.")
        @Argument(help: "The organization's id or slug.") var organization: String
        @Argument(help: "The user's id, e-mail address or username.") var user: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var rights: Rights
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .updateMember,
                [
                    ("tenant", .string(tenant)), ("organization", .string(organization)),
                    ("user", .string(user)),
                ] + rights.arguments, instance, output)
        }
    }

    struct Suspend: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "suspend", abstract: "Have a membership not count.")
        @Argument(help: "The organization's id or slug.") var organization: String
        @Argument(help: "The user's id, e-mail address or username.") var user: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .suspendMember,
                [
                    ("tenant", .string(tenant)), ("organization", .string(organization)),
                    ("user", .string(user)),
                ], instance, output)
        }
    }

    struct Activate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "activate", abstract: "Have a suspended membership count again.")
        @Argument(help: "The organization's id or slug.") var organization: String
        @Argument(help: "The user's id, e-mail address or username.") var user: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .activateMember,
                [
                    ("tenant", .string(tenant)), ("organization", .string(organization)),
                    ("user", .string(user)),
                ], instance, output)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Take a user out of an organization.")
        @Argument(help: "The organization's id or slug.") var organization: String
        @Argument(help: "The user's id, e-mail address or username.") var user: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .removeMember,
                [
                    ("tenant", .string(tenant)), ("organization", .string(organization)),
                    ("user", .string(user)),
                ], instance, output)
        }
    }
}

import ArgumentParser
import GatehouseAdmin
import GatehouseEncoding

/// Commands on the groups of an organization.
struct GroupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "group",
        abstract: "Give members of an organization roles together.",
        subcommands: [
            Create.self, List.self, Update.self, Delete.self, Add.self, Remove.self,
        ])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Make a group that carries roles.")
        @Argument(help: "The organization's id or slug.") var organization: String
        @Argument(help: "The name of the group.") var group: String
        @Option(help: "The tenant's slug.") var tenant: String
        @Option(
            name: .customLong("role"),
            help: "A role of the organization or of the tenant, or an empty text. Repeatable.")
        var roles: [String] = []
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .createGroup,
                [
                    ("tenant", .string(tenant)),
                    ("organization", .string(organization)),
                    ("group", .string(group)),
                    ("roles", roles.isEmpty ? nil : .array(roles.map { .string($0) })),
                ], instance, output)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the groups of an organization, by name.")
        @Argument(help: "The organization's id or slug.") var organization: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .listGroups,
                [
                    ("tenant", .string(tenant)),
                    ("organization", .string(organization)),
                ], instance, output)
        }
    }

    struct Update: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "update", abstract: "Change the roles of a group, for all who are in it.")
        @Argument(help: "The organization's id or slug.") var organization: String
        @Argument(help: "The name of the group.") var group: String
        @Option(help: "The tenant's slug.") var tenant: String
        @Option(
            name: .customLong("role"),
            help: "A role of the organization or of the tenant, or an empty text. Repeatable.")
        var roles: [String] = []
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .updateGroup,
                [
                    ("tenant", .string(tenant)),
                    ("organization", .string(organization)),
                    ("group", .string(group)),
                    ("roles", roles.isEmpty ? nil : .array(roles.map { .string($0) })),
                ], instance, output)
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete", abstract: "Delete a group; its members stay in the organization."
        )
        @Argument(help: "The organization's id or slug.") var organization: String
        @Argument(help: "The name of the group.") var group: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .deleteGroup,
                [
                    ("tenant", .string(tenant)),
                    ("organization", .string(organization)),
                    ("group", .string(group)),
                ], instance, output)
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Put a member of the organization into a group.")
        @Argument(help: "The organization's id or slug.") var organization: String
        @Argument(help: "The name of the group.") var group: String
        @Argument(help: "The user's id, e-mail address or username.") var user: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .addToGroup,
                [
                    ("tenant", .string(tenant)),
                    ("organization", .string(organization)),
                    ("group", .string(group)),
                    ("user", .string(user)),
                ], instance, output)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Take a member out of a group.")
        @Argument(help: "The organization's id or slug.") var organization: String
        @Argument(help: "The name of the group.") var group: String
        @Argument(help: "The user's id, e-mail address or username.") var user: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .removeFromGroup,
                [
                    ("tenant", .string(tenant)),
                    ("organization", .string(organization)),
                    ("group", .string(group)),
                    ("user", .string(user)),
                ], instance, output)
        }
    }
}

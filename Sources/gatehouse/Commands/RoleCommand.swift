import ArgumentParser
import GatehouseAdmin
import GatehouseEncoding

/// Commands on the roles of a tenant and of its organizations.
struct RoleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "role",
        abstract: "Name sets of scopes that members are given together.",
        subcommands: [Create.self, List.self, Update.self, Delete.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Make a role.")
        @Argument(help: "The name of the role.") var role: String
        @Option(help: "The tenant's slug.") var tenant: String
        @Option(
            help: "The one organization that has it, by id or slug. Default: all of the tenant.")
        var organization: String?
        @Option(
            name: .customLong("scope"),
            help: "What members may do by it, such as projects:write. Repeatable.")
        var scopes: [String] = []
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .createRole,
                [
                    ("tenant", .string(tenant)), ("role", .string(role)),
                    ("organization", organization.map { .string($0) }),
                    ("scopes", scopes.isEmpty ? nil : .array(scopes.map { .string($0) })),
                ], instance, output)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the roles of a tenant, or of one organization.")
        @Option(help: "The tenant's slug.") var tenant: String
        @Option(
            help: "The one organization that has it, by id or slug. Default: all of the tenant.")
        var organization: String?
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .listRoles,
                [
                    ("tenant", .string(tenant)),
                    ("organization", organization.map { .string($0) }),
                ], instance, output)
        }
    }

    struct Update: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "update", abstract: "Change the scopes of a role, for all who have it.")
        @Argument(help: "The name of the role.") var role: String
        @Option(help: "The tenant's slug.") var tenant: String
        @Option(
            help: "The one organization that has it, by id or slug. Default: all of the tenant.")
        var organization: String?
        @Option(
            name: .customLong("scope"),
            help: "What members may do by it, such as projects:write. Repeatable.")
        var scopes: [String] = []
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .updateRole,
                [
                    ("tenant", .string(tenant)), ("role", .string(role)),
                    ("organization", organization.map { .string($0) }),
                    ("scopes", scopes.isEmpty ? nil : .array(scopes.map { .string($0) })),
                ], instance, output)
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete", abstract: "Delete a role that nobody has.")
        @Argument(help: "The name of the role.") var role: String
        @Option(help: "The tenant's slug.") var tenant: String
        @Option(
            help: "The one organization that has it, by id or slug. Default: all of the tenant.")
        var organization: String?
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .deleteRole,
                [
                    ("tenant", .string(tenant)), ("role", .string(role)),
                    ("organization", organization.map { .string($0) }),
                ], instance, output)
        }
    }
}

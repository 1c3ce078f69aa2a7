import ArgumentParser
import GatehouseAdmin
import GatehouseEncoding

/// Commands on tenants.
struct TenantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenant", abstract: "Create, list, show, update and delete tenants.",
        subcommands: [
            Create.self, List.self, Show.self, Update.self, Delete.self, ListLimits.self,
            ChangeLimit.self,
        ])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Create a tenant with the keys that it signs with.")
        @Argument(help: "The part of the address that names the tenant, such as acme.")
        var slug: String
        @Option(help: "What people see. Default: the slug.") var name: String?
        @Option(help: "Whether strangers may create accounts: open or closed. Default: closed.")
        var registration: Registration = .closed
        @Flag(inversion: .prefixedNo, help: "Whether error pages show anyone the rule that failed.")
        var explainErrors = false
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .createTenant,
                [
                    ("tenant", .string(slug)), ("name", name.map { .string($0) }),
                    ("registration", .string(registration.rawValue)),
                    ("explain_errors", .bool(explainErrors)),
                ], instance, output)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the tenants, by slug.")
        @Option(help: "Begin after the tenant of this slug.") var after: String?
        @Option(help: "How many to list. Default: 100.") var limit: Int = 100
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .listTenants,
                [("after", after.map { .string($0) }), ("limit", .integer(Int64(limit)))],
                instance, output)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show a tenant.")
        @Argument(help: "The tenant's slug.") var slug: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(.showTenant, [("tenant", .string(slug))], instance, output)
        }
    }

    struct Update: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "update", abstract: "Change a tenant.")
        @Argument(help: "The tenant's slug.") var slug: String
        @Option(help: "What people see.") var name: String?
        @Option(help: "Whether strangers may create accounts: open or closed.")
        var registration: Registration?
        @Flag(inversion: .prefixedNo, help: "Whether error pages show anyone the rule that failed.")
        var explainErrors: Bool?
        @Option(
            name: .customLong("allowed-origin"),
            help: """
                An origin whose pages may call the endpoints, besides those of redirect URIs. \
                Repeatable; the list replaces the old one, and “” empties it.
                """)
        var allowedOrigins: [String] = []
        @Option(help: "The host that the tenant is known by, or “path”.")
        var primaryAddress: String?
        @Flag(help: "Whether the tenant can be used at all.") var state: Availability?
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .updateTenant,
                [
                    ("tenant", .string(slug)), ("name", name.map { .string($0) }),
                    ("registration", registration.map { .string($0.rawValue) }),
                    ("explain_errors", explainErrors.map { .bool($0) }),
                    (
                        "allowed_origins",
                        allowedOrigins.isEmpty
                            ? nil : .array(allowedOrigins.map { .string($0) })
                    ),
                    ("primary_address", primaryAddress.map { .string($0) }),
                    ("disabled", state.map { .bool($0 == .disable) }),
                ], instance, output)
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete", abstract: "Delete a tenant with its users, clients and keys.")
        @Argument(help: "The tenant's slug.") var slug: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(.deleteTenant, [("tenant", .string(slug))], instance, output)
        }
    }
}

/// Whether something can be used: `--enable` or `--disable`.
enum Availability: String, EnumerableFlag {
    case enable
    case disable
}

/// Whether strangers may create accounts.
enum Registration: String, ExpressibleByArgument, CaseIterable {
    case open
    case closed
}

extension ParsableCommand {
    /// Gets an operation done and prints what it found.
    func perform(
        _ name: Operation.Name, _ arguments: [(String, JSONValue?)], _ instance: InstanceOptions,
        _ output: OutputOptions
    ) async throws {
        let result = try await OperationRunner(options: instance).perform(
            Operation(name, arguments))
        Output(output).print(result)
    }
}

import ArgumentParser
import GatehouseAdmin
import GatehouseCore
import GatehouseEncoding

/// Commands on what a tenant limits.
extension TenantCommand {
    struct ListLimits: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "limits", abstract: "List how often what may be tried at a tenant.")
        @Argument(help: "The tenant's slug.") var slug: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(.listLimits, [("tenant", .string(slug))], instance, output)
        }
    }

    struct ChangeLimit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "limit", abstract: "Change how often something may be tried at a tenant.",
            discussion: """
                It holds for the next attempt, on every node. The names are \
                \(Limit.Name.allCases.map(\.rawValue).joined(separator: ", ")).
                """)
        @Argument(help: "The tenant's slug.") var slug: String
        @Argument(help: "The limit's name.") var limit: String
        @Option(help: "How often: 1 to 1000000.") var allow: Int?
        @Option(help: "In which time, such as 90s, 15m, 1h or 7d; at most 31d.") var per: String?
        @Flag(name: .customLong("default"), help: "Go back to the default.") var reset = false
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .changeLimit,
                [
                    ("tenant", .string(slug)), ("limit", .string(limit)),
                    ("allow", allow.map { .integer(Int64($0)) }),
                    ("per", per.map { .string($0) }), ("reset", .bool(reset)),
                ], instance, output)
        }
    }
}

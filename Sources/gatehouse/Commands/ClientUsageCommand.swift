import ArgumentParser
import GatehouseAdmin
import GatehouseEncoding

/// Shows how much a client is used.
struct ClientUsageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage",
        abstract: "Show how much a client was used, at which redirect URIs and for what scope.")
    @Argument(help: "The client id.") var client: String
    @Option(help: "The tenant's slug.") var tenant: String
    @Option(help: "From so many days before today, in UTC, on: 0 to 89. Default: 7.")
    var days: Int = 7
    @OptionGroup var instance: InstanceOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await perform(
            .showUsage,
            [
                ("tenant", .string(tenant)), ("client", .string(client)),
                ("days", .integer(Int64(days))),
            ], instance, output)
    }
}

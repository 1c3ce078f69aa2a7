import ArgumentParser
import GatehouseAdmin
import GatehouseEncoding

/// Commands on authorization requests that were refused.
struct RefusedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refused",
        abstract: "Find out why authorization requests of the last day were refused.",
        subcommands: [List.self, Show.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List authorization requests that were refused, newest first.")
        @Option(help: "The tenant's slug.") var tenant: String
        @Option(help: "Only those that named the client of this id.") var client: String?
        @Option(help: "How many to list. Default: 100.") var limit: Int = 100
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .listRefusedRequests,
                [
                    ("tenant", .string(tenant)), ("client", client.map { .string($0) }),
                    ("limit", .integer(Int64(limit))),
                ], instance, output)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Show what was sent, which rule failed, and what is registered instead.",
            discussion: "A request is found by the incident id that its page shows, for a day.")
        @Argument(help: "The incident id.") var incident: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .showRefusedRequest,
                [("tenant", .string(tenant)), ("incident", .string(incident))], instance, output)
        }
    }
}

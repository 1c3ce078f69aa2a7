import ArgumentParser
import GatehouseAdmin
import GatehouseEncoding

/// Commands on what clients ask of people who are elsewhere.
struct BackchannelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backchannel",
        abstract: "See and answer what clients ask of people who are elsewhere (CIBA).",
        discussion: """
            People answer on the page {issuer}/approvals. An operator can do it for them, as long \
            as they are signed in somewhere.
            """,
        subcommands: [List.self, Allow.self, Deny.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List what a user may still answer.")
        @Argument(help: "The user's id.") var user: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .listBackchannel, [("tenant", .string(tenant)), ("user", .string(user))],
                instance, output)
        }
    }

    struct Allow: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "allow", abstract: "Allow it for the user.")
        @Argument(help: "The request's id.") var request: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .allowBackchannel, [("tenant", .string(tenant)), ("request", .string(request))],
                instance, output)
        }
    }

    struct Deny: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "deny", abstract: "Deny it for the user.")
        @Argument(help: "The request's id.") var request: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .denyBackchannel, [("tenant", .string(tenant)), ("request", .string(request))],
                instance, output)
        }
    }
}

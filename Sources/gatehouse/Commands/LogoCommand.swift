import ArgumentParser
import GatehouseAdmin
import GatehouseEncoding

/// Commands on the logos of a client.
struct LogoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logo", abstract: "Set and remove the logos of a client.",
        subcommands: [Set.self, Remove.self])

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set", abstract: "Set the logo that people see beside the client's name.",
            discussion: "\(LogoOptions.rules) It replaces both logos that the client had.")
        @Argument(help: "The client id.") var client: String
        @OptionGroup var files: LogoOptions
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .setLogos,
                [
                    ("tenant", .string(tenant)), ("client", .string(client)),
                ] + files.arguments(), instance, output)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Remove the logos of a client.")
        @Argument(help: "The client id.") var client: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .removeLogos, [("tenant", .string(tenant)), ("client", .string(client))],
                instance, output)
        }
    }
}

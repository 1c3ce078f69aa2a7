import ArgumentParser
import GatehouseAdmin
import GatehouseEncoding

/// Commands on the secrets of a client.
///
/// A client may have several, so that one can be replaced without a gap.
struct SecretCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secret", abstract: "Add and remove the secrets of a client.",
        subcommands: [Add.self, Remove.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Add a secret. It is printed once, here.")
        @Argument(help: "The client id.") var client: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .addSecret, [("tenant", .string(tenant)), ("client", .string(client))], instance,
                output)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove",
            abstract: "Remove a secret at once. Its id is shown by “client show”.")
        @Argument(help: "The client id.") var client: String
        @Argument(help: "The secret's id.") var secret: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .removeSecret,
                [
                    ("tenant", .string(tenant)), ("client", .string(client)),
                    ("secret", .string(secret)),
                ], instance, output)
        }
    }
}

import ArgumentParser
import GatehouseAdmin
import GatehouseEncoding

/// Commands that look for what is wrong.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Find out what is wrong with an app's registration.",
        subcommands: [App.self, RedirectURI.self])

    struct App: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "app",
            abstract: "Walk a client's registration, and say what would fail and what mends it.",
            discussion: "It asks nobody else and changes nothing. Exit code 1 if something fails.")
        @Argument(help: "The client id.") var client: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let found = try await OperationRunner(options: instance).perform(
                Operation(
                    .checkClient, [("tenant", .string(tenant)), ("client", .string(client))]))
            let report = FindingReport(found)
            report.print(by: Output(output))
            try report.requireNoFailure("The app does not work")
        }
    }

    struct RedirectURI: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "redirect-uri",
            abstract: "Say whether an address can be a redirect URI, and what to mind.")
        @Argument(help: "The address.") var uri: String
        @Option(help: "The tenant's slug.") var tenant: String
        @Option(help: "What kind of app it is for: web, spa or native. Default: web.")
        var type: String?
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .checkRedirectURI,
                [
                    ("tenant", .string(tenant)), ("uri", .string(uri)),
                    ("type", type.map { .string($0) }),
                ], instance, output)
        }
    }
}

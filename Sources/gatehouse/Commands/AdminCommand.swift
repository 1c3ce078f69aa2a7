import ArgumentParser
import GatehouseAdmin

/// Commands on the administration.
struct AdminCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admin", abstract: "Get into the administration.", subcommands: [Link.self])

    struct Link: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a one-time link to the administration, good for 15 minutes.")
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws { try await perform(.issueAdminLink, [], instance, output) }
    }
}

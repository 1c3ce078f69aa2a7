import ArgumentParser
import GatehouseAdmin
import GatehouseEncoding

/// Keeps the key to an installation elsewhere.
struct LoginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Administer an installation elsewhere from here.",
        discussion: """
            Reads an administrator key from standard input, tries it, and keeps it in your \
            configuration directory. Commands that name no data directory use it from then on.
            """)

    @Argument(help: "The address of the installation, such as https://id.example.com.")
    var server: String
    @Option(help: "What to call it, for --at. Default: default.") var name = Logins.usual
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let installation = try RemoteInstallation(
            server: server, key: try StandardInput.secret("Administrator key"))
        let answer = try await installation.perform(.init(.showAdministrator, []))
        try Logins().keep(installation, as: name)
        Output(output).print(answer.result)
    }
}

/// Forgets the key to an installation elsewhere.
struct LogoutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logout",
        abstract: "Forget the key to an installation elsewhere. The key itself stays good.")

    @Option(help: "What it is called. Default: default.") var name = Logins.usual
    @OptionGroup var output: OutputOptions

    func run() async throws {
        guard try Logins().forget(name) else {
            throw CommandError(.notFound, "You are not logged in at “\(name)”.")
        }
        Output(output).print(["forgotten": .string(name)])
    }
}

/// Says as what commands administer what.
struct WhoAmICommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "whoami", abstract: "Show as what you administer what.")
    @OptionGroup var instance: InstanceOptions
    @OptionGroup var output: OutputOptions

    func run() async throws { try await perform(.showAdministrator, [], instance, output) }
}

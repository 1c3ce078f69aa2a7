import ArgumentParser
import GatehouseEncoding
import Glibc

/// The command line.
///
/// Every command is in `Commands/`, named after its noun.
@main
struct GatehouseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gatehouse",
        abstract: "A self-hosted identity provider: OAuth 2.1 and OpenID Connect.",
        discussion: """
            Start with “gatehouse try”. Every command that prints a result prints a table on a \
            terminal and JSON elsewhere, or with --json.
            """,
        version: Version.current,
        subcommands: [
            TryCommand.self, KeepCommand.self, ServeCommand.self, AdminCommand.self,
            LoginCommand.self, LogoutCommand.self, WhoAmICommand.self,
            TenantCommand.self, BrandingCommand.self, DomainCommand.self, UserCommand.self,
            SessionCommand.self, ClientCommand.self,
            ResourceCommand.self, KeyCommand.self, RegistrationCommand.self,
            TrustedIssuerCommand.self, BackchannelCommand.self, ConsentCommand.self,
            APIKeyCommand.self,
            ExportCommand.self, PlanCommand.self, ApplyCommand.self, DriftCommand.self,
            ConfigCommand.self, OrganizationCommand.self, RefusedCommand.self, CheckCommand.self,
            DoctorCommand.self, AuditCommand.self,
        ])

    /// Runs the command and ends the process with the exit code that says how it went.
    static func main() async {
        // A reader that goes away must not end the process: the write fails instead.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            end(with: error)
        }
    }

    private static func end(with error: any Error) -> Never {
        let parserCode = exitCode(for: error)
        if parserCode == .success || error is CleanExit {
            exit(withError: error)
        }
        // The command did what it was asked; its code says what it found.
        if error is ExitCode { Glibc.exit(parserCode.rawValue) }
        let isParserError = parserCode == .validationFailure
        let failure =
            isParserError
            ? CommandError(.wrongUse, firstSentence(of: message(for: error))) : CommandError(error)
        if CommandLine.arguments.contains("--json") {
            let json = JSONWriter.object { json in
                json.object("error") { json in
                    json.add("code", failure.code.name)
                    json.add("message", failure.description)
                }
            }
            report(String(decoding: json, as: UTF8.self))
        } else {
            report("gatehouse: \(failure.description)")
        }
        Glibc.exit(failure.code.rawValue)
    }

    private static func firstSentence(of message: String) -> String {
        let line = message.split(separator: "\n").first.map(String.init) ?? message
        let sentence = line.hasSuffix(".") ? line : line + "."
        return sentence + " Add --help to see what there is."
    }

    private static func report(_ line: String) {
        TextStream.error.write(line + "\n")
    }
}

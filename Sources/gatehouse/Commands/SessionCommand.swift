import ArgumentParser
import GatehouseAdmin
import GatehouseEncoding

/// Commands on where people are signed in.
struct SessionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "session", abstract: "See where a person is signed in, and end it.",
        subcommands: [List.self, End.self, EndAll.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List where a person is signed in, oldest first.")
        @Argument(help: "The user's id, e-mail address or username.") var user: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .listSessions, [("tenant", .string(tenant)), ("user", .string(user))], instance,
                output)
        }
    }

    struct End: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "end", abstract: "End a session, and what was to last as long.")
        @Argument(help: "The user's id, e-mail address or username.") var user: String
        @Argument(help: "The session's id.") var session: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .endSession,
                [
                    ("tenant", .string(tenant)), ("user", .string(user)),
                    ("session", .string(session)),
                ], instance, output)
        }
    }

    struct EndAll: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "end-all",
            abstract: "End all sessions and grants of a person: they sign in anew everywhere.")
        @Argument(help: "The user's id, e-mail address or username.") var user: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .endAllSessions, [("tenant", .string(tenant)), ("user", .string(user))], instance,
                output)
        }
    }
}

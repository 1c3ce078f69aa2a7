import ArgumentParser
import GatehouseAdmin
import GatehouseEncoding

/// Commands on what people allowed clients.
struct ConsentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consent", abstract: "List and revoke what people allowed clients.",
        subcommands: [List.self, Revoke.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List what people allowed clients, oldest first.")
        @Option(help: "The tenant's slug.") var tenant: String
        @Option(help: "Only what this user allowed: an id, e-mail address or username.")
        var user: String?
        @Option(help: "Only what was allowed to the client of this id.") var client: String?
        @Option(help: "Only what was allowed in this organization: its id or slug.")
        var organization: String?
        @Option(help: "Begin after the consent of this id.") var after: String?
        @Option(help: "How many to list. Default: 100.") var limit: Int = 100
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .listConsents,
                [
                    ("tenant", .string(tenant)), ("user", user.map { .string($0) }),
                    ("client", client.map { .string($0) }),
                    ("organization", organization.map { .string($0) }),
                    ("after", after.map { .string($0) }),
                    ("limit", .integer(Int64(limit))),
                ], instance, output)
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke", abstract: "Take back a consent, and every token that came of it."
        )
        @Argument(help: "The id of the consent.") var consent: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .revokeConsent, [("tenant", .string(tenant)), ("consent", .string(consent))],
                instance, output)
        }
    }
}

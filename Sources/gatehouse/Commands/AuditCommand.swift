import ArgumentParser
import GatehouseAdmin
import GatehouseEncoding

/// Commands on audit trails.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Look at what happened, export it, and verify that it is whole.",
        subcommands: [
            List.self, AuditTailCommand.self, AuditExportCommand.self, AuditVerifyCommand.self,
            AuditCheckCommand.self,
            Checkpoint.self, Key.self,
        ], aliases: ["logs"])

    /// Whose trail it is.
    struct Owner: ParsableArguments {
        @Option(help: "The tenant's slug, or its id, also of one that was deleted.")
        var tenant: String
    }

    /// When events happened.
    struct Period: ParsableArguments {
        @Option(
            help: "Only what happened then or later, such as 2026-11-28 or 2026-11-28T17:20:00Z.")
        var since: String?
        @Option(help: "Only what happened before.") var until: String?

        var arguments: [(String, JSONValue?)] {
            [("since", since.map { .string($0) }), ("until", until.map { .string($0) })]
        }
    }

    /// Which events are meant.
    struct Selection: ParsableArguments {
        @Option(help: "Only events of this kind, such as session.signed_in.") var kind: String?
        @Option(help: "Only what this user or client did; or operator, system, anonymous.")
        var actor: String?
        @Option(help: "Only what happened to the record of this id.") var subject: String?

        var arguments: [(String, JSONValue?)] {
            [
                ("kind", kind.map { .string($0) }), ("actor", actor.map { .string($0) }),
                ("subject", subject.map { .string($0) }),
            ]
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List what happened at a tenant, newest first.")
        @OptionGroup var owner: Owner
        @OptionGroup var selection: Selection
        @OptionGroup var period: Period
        @Option(help: "Go on after the event of this id.") var after: String?
        @Option(help: "How many to list. Default: 100.") var limit: Int = 100
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .listEvents,
                [
                    ("tenant", .string(owner.tenant)), ("after", after.map { .string($0) }),
                    ("limit", .integer(Int64(limit))),
                ] + selection.arguments + period.arguments, instance, output)
        }
    }

    struct Checkpoint: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "checkpoint",
            abstract: "Print where the audit trail of a tenant ends, signed.",
            discussion: """
                Keep it where nobody who can write to the database can: “gatehouse audit verify \
                --checkpoint” shows later that the events until then are still the same.
                """)
        @OptionGroup var owner: Owner
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .showCheckpoint, [("tenant", .string(owner.tenant))], instance, output)
        }
    }

    struct Key: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "key",
            abstract: "Print the key by which exports of this installation are verified.")
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(.showAuditKey, [], instance, output)
        }
    }
}

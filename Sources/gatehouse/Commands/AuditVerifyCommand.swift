import ArgumentParser
import GatehouseCore
import GatehouseEncoding
import GatehouseJOSE

/// Verifies an export without any installation.
struct AuditVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verify an export, offline: that nothing in it was changed, and nothing is missing.",
        discussion: """
            Give the --key, as “gatehouse audit key” printed it at the installation: without it, \
            damage is found, but not an export that somebody else made and signed.
            """)

    /// What exports are held against.
    struct Evidence: ParsableArguments {
        // A thumbprint may begin with a hyphen.
        @Option(
            parsing: .unconditional,
            help: "The key that has to have signed: its thumbprint, or a file with it.")
        var key: String?
        @Option(help: "A file with a checkpoint that was kept: its event has to be there.")
        var checkpoint: String?

        private static let longestFile = 64 << 10

        func verifier() throws -> AuditVerifier {
            AuditVerifier(trusting: try trust(), checkpoint: try keptCheckpoint())
        }

        private func trust() throws -> AuditVerifier.Trust {
            guard let key else { return .whoever }
            if ChainHash(parsing: key) != nil { return .thumbprint(key) }
            let text = try InputFile.text(of: key, upTo: Self.longestFile)
            do {
                let object = try JSONObject(parsing: Array(text.utf8))
                return .key(try JSONWebKey(object["key"]?.object ?? object))
            } catch {
                throw CommandError(
                    .wrongUse, "--key needs a thumbprint, or a file with a key as JSON.")
            }
        }

        /// The token alone, or what the command printed.
        private func keptCheckpoint() throws -> String? {
            guard let checkpoint else { return nil }
            let text = try InputFile.text(of: checkpoint, upTo: Self.longestFile)
            let printed = try? JSONObject(parsing: Array(text.utf8))
            return printed?["checkpoint"]?.string
                ?? String(text.split(whereSeparator: \.isWhitespace).joined())
        }
    }

    @Argument(help: "The file; - for standard input.") var file: String
    @OptionGroup var evidence: Evidence
    @OptionGroup var output: OutputOptions

    func run() async throws {
        var verifier = try evidence.verifier()
        try InputFile(file).read { verifier.read($0) }
        let report = verifier.finish()
        Output(output).print(report.shown)
        try report.requireIntact("The export")
    }
}

/// Verifies the trail in the database.
struct AuditCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Verify the audit trail of a tenant where it is, without exporting it.")

    /// What is said of a trail whose end is not the one that was signed.
    static let altered =
        "The trail in the database does not end where this installation signed that it does: "
        + "somebody altered it."

    @OptionGroup var owner: AuditCommand.Owner
    @Option(help: "A file with a checkpoint that was kept: its event has to be there.")
    var checkpoint: String?
    @OptionGroup var instance: InstanceOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let runner = OperationRunner(options: instance)
        let key = try await runner.perform(Operation(.showAuditKey, []))
        var evidence = try AuditVerifyCommand.Evidence.parse([])
        evidence.key = key["thumbprint"]?.string
        evidence.checkpoint = checkpoint
        var verifier = try evidence.verifier()
        let pages = AuditPages(
            runner: runner, tenant: owner.tenant, period: try .parse([]), isRecorded: false)
        let fetched = try await pages.fetch { verifier.read(Array(($0 + "\n").utf8)) }
        let report = verifier.finish()
        Output(output).print(report.shown)
        try report.requireIntact("The audit trail")
        if fetched.isAltered { throw CommandError(.failed, Self.altered) }
    }
}

extension AuditReport {
    /// Fails, with the first thing that is wrong, unless nothing is.
    fileprivate func requireIntact(_ what: String) throws(CommandError) {
        guard let first = findings.first else { return }
        let place = first.sequence.map { " (event \($0))" } ?? ""
        let more = findingCount > 1 ? " \(findingCount - 1) more are listed." : ""
        throw CommandError(
            .failed,
            "\(what) is damaged: line \(first.line)\(place): \(first.problem.description)\(more)")
    }

    /// The report as commands print it.
    fileprivate var shown: JSONValue {
        .object(
            JSONObject([
                ("result", .string(isIntact ? "intact" : "damaged")),
                ("tenant", .optional(header?.tenantID.text)),
                ("issuer", .optional(header?.issuer)),
                ("from", header.map { .integer($0.from) } ?? .null),
                ("to", header.map { .integer($0.to) } ?? .null),
                ("events", .integer(events)),
                ("earliest", .optional(earliest?.text)), ("latest", .optional(latest?.text)),
                ("exported_at", .optional(header?.exportedAt.text)),
                ("checkpoints", .integer(checkpoints)), ("key", .optional(keyID)),
                ("unchecked", .array(unchecked.map { .string($0) })),
                ("findings", .integer(Int64(findingCount))),
                ("damage", .array(findings.map(\.shown))),
            ]))
    }

    /// What nobody could know from what was given.
    private var unchecked: [String] {
        var sentences: [String] = []
        if keyID == nil {
            sentences.append("No signature was checked: there is no key that can be believed.")
        } else if !isKeyTrusted {
            sentences.append(
                "Whose key it is: compare it with “gatehouse audit key”, and give it as --key.")
        }
        if let header, header.from > 1 {
            sentences.append("The events before \(header.from), which the export leaves out.")
        }
        return sentences
    }
}

extension AuditFinding {
    fileprivate var shown: JSONValue {
        [
            "line": .integer(line), "sequence": sequence.map { .integer($0) } ?? .null,
            "problem": .string(problem.description),
        ]
    }
}

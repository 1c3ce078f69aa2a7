import ArgumentParser
import GatehouseAdmin
import GatehouseCore
import GatehouseEncoding
import GatehouseJOSE

/// Verifies an export without any installation.
struct AuditVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract:
            "Verify an export, offline: that nothing in it was changed, and nothing is missing.",
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
            // A token alone is no JSON.
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
        report.print(by: Output(output))
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
        var pages = AuditPages(of: owner.tenant, [], by: runner, isRecorded: false)
        while let lines = try await pages.next() {
            for line in lines { verifier.read(Array((line + "\n").utf8)) }
        }
        let report = verifier.finish()
        report.print(by: Output(output))
        try report.requireIntact("The audit trail")
        if pages.fetched.isAltered { throw CommandError(.failed, Self.altered) }
    }
}

import ArgumentParser
import GatehouseAdmin
import GatehouseCore
import GatehouseEncoding

/// Writes an audit trail to a file or to standard output.
struct AuditExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Export what happened at a tenant.",
        discussion: """
            NDJSON can be verified, offline and years later: “gatehouse audit verify”. CSV is for \
            spreadsheets; a text that one would take for a formula has a ' before it.
            """)

    /// How an export is written.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case ndjson, csv
    }

    @OptionGroup var owner: AuditCommand.Owner
    @Option(help: "ndjson or csv. Default: ndjson.") var format: Format = .ndjson
    @OptionGroup var period: AuditCommand.Period
    @Option(help: "Only events of this kind. With csv alone: a trail with gaps proves nothing.")
    var kind: String?
    @Option(name: .customLong("output"), help: "The file to make. Default: standard output.")
    var path: String?
    @OptionGroup var instance: InstanceOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        guard kind == nil || format == .csv else {
            throw CommandError(
                .wrongUse,
                "--kind needs --format csv: an export with gaps cannot be verified.")
        }
        if let kind, Event.Kind(rawValue: kind) == nil {
            throw CommandError(.wrongUse, "There are no events of this kind.")
        }
        let file = try path.map(OutputFile.init(creating:)) ?? .standardOutput
        var pages = AuditPages(
            of: owner.tenant, period.arguments, by: OperationRunner(options: instance),
            isRecorded: true)
        var written: Int64 = 0
        if format == .csv { try file.write(EventRow.head) }
        while let lines = try await pages.next() {
            for line in lines {
                switch format {
                case .ndjson:
                    try file.write(line + "\n")
                    if AuditPages.isEvent(line) { written += 1 }
                case .csv:
                    guard let row = try EventRow(line), kind == nil || row.kind == kind else {
                        continue
                    }
                    try file.write(row.text)
                    written += 1
                }
            }
        }
        try file.close()
        if pages.fetched.isAltered {
            TextStream.error.write("gatehouse: \(AuditCheckCommand.altered)\n")
        }
        guard let path else { return }
        Output(output).print([
            "file": .string(path), "events": .integer(written),
            "from": .integer(pages.fetched.from),
            "to": .integer(pages.fetched.to),
        ])
    }
}

extension AuditPages {
    /// The pages of a tenant's trail, wherever the installation is.
    init(
        of tenant: String, _ period: [(String, JSONValue?)], by runner: OperationRunner,
        isRecorded: Bool
    ) {
        self.init(of: period, isRecorded: isRecorded) { name, arguments in
            try await runner.perform(Operation(name, [("tenant", .string(tenant))] + arguments))
        }
    }
}

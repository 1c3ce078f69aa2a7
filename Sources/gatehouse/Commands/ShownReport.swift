import GatehouseAdmin
import GatehouseCore
import GatehouseEncoding

extension AuditReport {
    /// Prints the report: as JSON in one piece, for people with what is wrong line by line.
    func print(by output: Output) {
        var shown = shown
        let damage = JSONValue.array(findings.map(\.shown))
        if output.isJSON {
            shown.add("damage", damage)
            return output.print(.object(shown))
        }
        output.print(.object(shown))
        guard !isIntact else { return }
        TextStream.output.write("\n")
        output.print(damage)
    }

    /// Fails, with the first thing that is wrong, unless nothing is.
    func requireIntact(_ what: String) throws(CommandError) {
        guard let first = findings.first else { return }
        let place = first.sequence.map { " (event \($0))" } ?? ""
        let more = findingCount > 1 ? " \(findingCount - 1) more are listed." : ""
        throw CommandError(
            .failed,
            "\(what) is damaged: line \(first.line)\(place): \(first.problem.description)\(more)")
    }

    private var shown: JSONObject {
        JSONObject([
            ("result", .string(isIntact ? "intact" : "damaged")),
            ("tenant", .optional(header?.tenantID.text)), ("issuer", .optional(header?.issuer)),
            ("from", header.map { .integer($0.from) } ?? .null),
            ("to", header.map { .integer($0.to) } ?? .null), ("events", .integer(events)),
            ("earliest", .optional(earliest?.text)), ("latest", .optional(latest?.text)),
            ("exported_at", .optional(header?.exportedAt.text)),
            ("checkpoints", .integer(checkpoints)),
            ("last_checkpoint", lastCheckpoint?.shown ?? .null), ("key", .optional(keyID)),
            ("unchecked", .array(unchecked.map { .string($0) })),
            ("findings", .integer(Int64(findingCount))),
        ])
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

extension Checkpoint {
    fileprivate var shown: JSONValue {
        ["sequence": .integer(sequence), "signed_at": .optional(signedAt.text)]
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

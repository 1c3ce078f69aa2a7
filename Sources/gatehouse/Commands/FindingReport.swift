import GatehouseAdmin
import GatehouseEncoding

/// What a check found out, as a command prints it.
struct FindingReport {
    private let answer: JSONValue

    init(_ answer: JSONValue) { self.answer = answer }

    private var findings: [JSONValue] { answer["findings"]?.array ?? [] }

    /// Prints it: as JSON in one piece, for people finding by finding.
    func print(by output: Output) {
        if output.isJSON { return output.print(answer) }
        TextStream.output.write(findings.map(lines).joined(separator: "\n"))
    }

    /// Fails, with the first thing that does not work, unless everything does.
    func requireNoFailure(_ what: String) throws(CommandError) {
        let failures = findings.filter { $0["severity"]?.string == "failure" }
        guard let first = failures.first?["message"]?.string else { return }
        let more = failures.count > 1 ? " \(failures.count - 1) more are listed." : ""
        throw CommandError(.failed, "\(what): \(first)\(more)")
    }

    /// A finding for people: what is the matter, what to do, and what does it.
    private func lines(of finding: JSONValue) -> String {
        let text = { (name: String) in (finding[name]?.string ?? "").printable() }
        let head = "\(text("severity")) \(text("rule")): \(text("message"))"
        let rest = [text("advice"), text("command")].filter { !$0.isEmpty }.map { "    " + $0 }
        return ([head] + rest).joined(separator: "\n") + "\n"
    }
}

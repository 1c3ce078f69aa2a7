import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol

/// A form of the portal: what it asks for, what stands in it, and what it asks an operation to do.
struct PortalForm: Sendable {
    let screen: PortalScreen
    /// What it changes, as it is now.
    private let current: JSONValue?
    /// What was filled in; nil before anything was.
    private let sent: FormParameters?

    /// What stands in a field of which nothing is known yet.
    private let suggestion: @Sendable (String) -> String?

    init(_ screen: PortalScreen, current: JSONValue?, sent: FormParameters?) {
        self.screen = screen
        self.current = current
        self.sent = sent
        suggestion = { _ in nil }
    }

    /// A form for something new, with what is usual in its fields.
    init(_ screen: PortalScreen, suggesting suggestion: @escaping @Sendable (String) -> String?) {
        self.screen = screen
        current = nil
        sent = nil
        self.suggestion = suggestion
    }

    /// The name under which a form says what it was made of.
    static let revisionName: StaticString = "revision"

    /// The name of the button by which a form asks only what would come of it.
    static let lookName = "look"

    /// What whoever filled it in was looking at.
    var revision: Revision? {
        sent?.pairs.first { $0.name == "revision" }.flatMap {
            Revision.list(in: "\"\($0.value)\"").first
        }
    }

    /// What stands in a field.
    func value(of member: Member) -> String {
        sent.flatMap { Self.text(member.name, in: $0) } ?? suggestion(member.name) ?? now(member)
    }

    /// What stands in the field of a name that the address has not.
    func value(ofName name: String) -> String {
        sent.flatMap { Self.text(name, in: $0) } ?? ""
    }

    private static func text(_ name: String, in form: FormParameters) -> String? {
        form.pairs.first { $0.name.isExactly(name) }?.value
    }

    /// The place that the operation is about.
    func place(from place: PortalPlace) -> PortalPlace {
        screen.asked.reduce(place) { $0.naming($1, value(ofName: $1)) }
    }

    // MARK: What it is now

    /// The value of a member now, as it stands in a field; empty if it is not known.
    private func now(_ member: Member) -> String {
        guard let current else { return "" }
        if let value = current[member.name] { return Self.text(of: value) }
        switch (member.name, member.kind) {
        case ("verified", .flag): return current["email_verified"].map(Self.text) ?? ""
        case ("disabled", .flag): return current["disabled_at"]?.string == nil ? "false" : "true"
        default: return ""
        }
    }

    private static func text(of value: JSONValue) -> String {
        switch value {
        case .null: ""
        case .string(let text): text
        case .bool(let flag): flag ? "true" : "false"
        case .integer(let number): String(number)
        case .array(let items): items.map(line).joined(separator: "\n")
        case .object(let object) where object.members.allSatisfy { $0.value.string != nil }:
            object.members.map { "\($0.name): \($0.value.string ?? "")" }.joined(separator: "\n")
        default: line(value)
        }
    }

    private static func line(_ value: JSONValue) -> String {
        value.string ?? String(decoding: value.serialized(), as: UTF8.self)
    }

    // MARK: What it asks for

    /// The arguments of the operation: what is filled in, and differs from what is.
    func arguments() throws -> [(String, JSONValue?)] {
        try screen.endpoint.members.compactMap { member in
            let text = Self.trimmed(value(of: member))
            guard text != Self.trimmed(now(member)) else {
                if member.isRequired, text.isEmpty {
                    throw Problem(
                        .invalidRequest, "\(PortalWords.label(member.name)) is missing.",
                        at: "/" + member.name)
                }
                return nil
            }
            guard let value = Self.value(text, of: member.kind),
                let argument = member.kind.argument(for: value)
            else {
                throw Problem(
                    .invalidRequest,
                    "\(PortalWords.label(member.name)) must be \(member.kind.rule).",
                    at: "/" + member.name)
            }
            return (member.argument, argument)
        }
    }

    /// What a browser adds to what was typed does not count.
    static func trimmed(_ text: String) -> String {
        lines(text).joined(separator: "\n")
    }

    private static func lines(_ text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).map { line in
            String(line.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }.filter { !$0.isEmpty }
    }

    private static func value(_ text: String, of kind: Member.Kind) -> JSONValue? {
        switch kind {
        case .text, .choice, .file: .string(text)
        case .flag: ["true": true, "false": false][text].map { .bool($0) }
        case .number: number(text)
        case .numberOr: number(text) ?? .string(text)
        case .texts: .array(lines(text).map { .string($0) })
        case .textsOr(let words):
            words.contains(text) ? .string(text) : .array(lines(text).map { .string($0) })
        case .object: try? JSONValue(parsing: Array(text.utf8))  // the rule says what is wrong
        case .objects: objects(text)
        case .describedNames: names(text)
        }
    }

    /// A whole number in its one spelling.
    private static func number(_ text: String) -> JSONValue? {
        Int64(text).flatMap { String($0).isExactly(text) ? .integer($0) : nil }
    }

    private static func objects(_ text: String) -> JSONValue? {
        // The rule says what is wrong.
        let values = lines(text).compactMap { try? JSONValue(parsing: Array($0.utf8)) }
        return values.count == lines(text).count ? .array(values) : nil
    }

    private static func names(_ text: String) -> JSONValue? {
        var object = JSONObject()
        for line in lines(text) {
            let parts = line.split(separator: ": ", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            object.add(String(parts[0]), .string(String(parts[1])))
        }
        return .object(object)
    }
}

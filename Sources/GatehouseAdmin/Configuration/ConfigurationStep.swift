import GatehouseCore
package import GatehouseEncoding

/// One thing that is to be done so that a tenant becomes what a document says.
package struct ConfigurationStep: Sendable {
    let tenant: String
    let action: Action
    let noun: ConfigurationNoun
    let name: String
    let owner: String?
    /// What becomes different; of a new thing what it is.
    var differences: [Difference] = []
    /// What is done, one after another.
    var operations: [PlannedOperation] = []
    /// How the thing is marked afterwards; nil if it is marked so already.
    var markName: String?
    /// The id of what is there already.
    var id: String?
    /// The file into which a new secret is written.
    package var secretFile: String?
    /// What is asked about traffic.
    var questions: [Question] = []
    /// What it touches in real traffic, as sentences without a full stop.
    var touches: [String] = []

    package enum Action: String, Sendable {
        case create, change, delete, adopt, release

        var sign: String {
            switch self {
            case .create: "+"
            case .change: "~"
            case .delete: "-"
            case .adopt, .release: "="
            }
        }
    }

    /// A member, and what it was and will be; nil for nothing.
    struct Difference: Sendable {
        let member: String
        let old: JSONValue?
        let new: JSONValue?
    }

    /// What one wants to know of how much a client is used.
    enum Question: Sendable, Hashable {
        case redirectURI(String)
        case scope(String)
        case everything
    }

    init(
        _ action: Action, _ noun: ConfigurationNoun, _ name: String, of owner: String? = nil,
        in tenant: String
    ) {
        self.action = action
        self.noun = noun
        self.name = name
        self.owner = owner
        self.tenant = tenant
    }

    /// True if it makes a client that gets a secret, as far as the document tells.
    package var makesClient: Bool { action == .create && noun.name == .client }

    /// What it is done to, in words.
    package var subject: String {
        let place = owner.map { " of organization \($0)" } ?? ""
        return noun.name == .tenant || noun.isAlone
            ? "\(tenant): \(noun.word)" : "\(tenant): \(noun.word) \(name)\(place)"
    }

    /// The step as one line for people.
    package var line: String {
        var line = "\(action.sign) \(subject)"
        if action == .adopt { line += " is managed from now on" }
        if action == .release { line += " is not managed any more" }
        let told = differences.map(\.words).filter { !$0.isEmpty }
        if !told.isEmpty { line += ": " + told.joined(separator: "; ") }
        if !touches.isEmpty { line += " (" + touches.joined(separator: "; ") + ")" }
        return line.withoutControls
    }

    /// The step as programs read it.
    package var shown: JSONValue {
        var object = JSONObject([
            ("action", .string(action.rawValue)), ("tenant", .string(tenant)),
            ("kind", .string(noun.word)), ("name", .string(name)),
        ])
        if let owner { object.add("organization", .string(owner)) }
        if let id, !id.isEmpty { object.add("id", .string(id)) }
        object.add(
            "changes",
            .array(
                differences.map {
                    [
                        "member": .string($0.member), "from": $0.old ?? .null,
                        "to": $0.new ?? .null,
                    ]
                }))
        object.add("touches", .array(touches.map { .string($0) }))
        object.add("line", .string(line))
        return .object(object)
    }

    /// What is done and what it expects, without what changes from one moment to the next.
    var fingerprint: String {
        var step = self
        step.touches = []
        return ([step.line] + operations.map(\.fingerprint)).joined(separator: "\n")
    }
}

/// An operation in which things are still called by their names.
struct PlannedOperation: Sendable {
    let name: Operation.Name
    let arguments: [Argument]
    /// What the thing must be like for it to be changed.
    var expected: Revision?

    struct Argument: Sendable {
        let name: String
        let value: JSONValue
        var reference: ConfigurationNoun.Reference?
    }

    /// The operation with ids in the place of names.
    func resolved(
        _ names: ConfigurationNames, for manager: Slug? = nil
    ) throws(OperationError) -> Operation {
        var resolved: [(String, JSONValue?)] = []
        for argument in arguments {
            resolved.append(
                (
                    argument.name,
                    try argument.reference.map { reference throws(OperationError) in
                        try names.resolved(argument.value, reference)
                    } ?? argument.value
                ))
        }
        return Operation(name, resolved, expecting: expected, for: manager)
    }

    fileprivate var fingerprint: String {
        let told = arguments.map { argument in
            argument.name + "=" + String(decoding: argument.value.serialized(), as: UTF8.self)
        }
        return "\(name.rawValue) \(told.joined(separator: "&")) \(expected?.text ?? "")"
    }
}

extension ConfigurationStep.Difference {
    /// The longest value that a line tells.
    private static let longest = 120

    /// The difference in words; of a list what comes and goes.
    fileprivate var words: String {
        guard let old else { return Self.isTold(new) ? "\(member) \(Self.text(new))" : "" }
        if let before = Self.list(old, member), let after = Self.list(new ?? .null, member) {
            let gone = before.filter { !after.contains($0) }.map { "- \($0)" }
            let come = after.filter { !before.contains($0) }.map { "+ \($0)" }
            if !(gone + come).isEmpty {
                return "\(member) " + (gone + come).joined(separator: ", ")
            }
        }
        let (before, after) = (Self.text(old), Self.text(new))
        return before.count + after.count > Self.longest
            ? "\(member) changes" : "\(member) \(before) → \(after)"
    }

    /// Of a new thing a line tells what is short.
    private static func isTold(_ value: JSONValue?) -> Bool {
        text(value).count <= longest / 2 && value?.object == nil
    }

    private static func list(_ value: JSONValue, _ member: String) -> [String]? {
        if member == "scope", let text = value.string {
            return text.split(separator: " ").map(String.init)
        }
        guard let elements = value.array else { return nil }
        return elements.map { text($0) }
    }

    private static func text(_ value: JSONValue?) -> String {
        guard let value else { return "nothing" }
        if let text = value.string { return text.isEmpty ? "nothing" : text }
        if let texts = value.strings { return texts.joined(separator: ", ") }
        return String(decoding: value.serialized(), as: UTF8.self)
    }
}

extension String {
    /// The text without what could steer a terminal.
    fileprivate var withoutControls: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.filter {
                    ![.control, .format, .lineSeparator, .paragraphSeparator].contains(
                        $0.properties.generalCategory)
                }))
    }
}

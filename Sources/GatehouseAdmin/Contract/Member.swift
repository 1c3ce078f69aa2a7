import GatehouseEncoding

/// Something that a request to the admin API may say: a member of its body, or a parameter of its
/// query.
struct Member: Sendable {
    let name: String
    let kind: Kind
    /// What it is, for the document.
    let words: String
    private(set) var isRequired = false
    /// What the operation calls it.
    let argument: String
    /// What the command line calls it.
    let option: String

    /// What it may be.
    indirect enum Kind: Sendable {
        case text
        case flag
        case number(ClosedRange<Int64>)
        case choice([String])
        case texts
        /// A list of texts, or one word in its place.
        case textsOr([String])
        /// A number, or one word in its place.
        case numberOr(ClosedRange<Int64>, String)
        /// A JSON object, which the operation reads from its text.
        case object
        /// JSON objects, which the operation reads from their texts.
        case objects
        /// Texts by names, which the operation reads as `name=text`.
        case describedNames
        /// What is in a file, in base64.
        case file
    }

    init(
        _ name: String, _ kind: Kind, _ words: String, argument: String? = nil,
        option: String? = nil
    ) {
        self.name = name
        self.kind = kind
        self.words = words
        self.argument = argument ?? name
        self.option = option ?? "--" + name.replacing("_", with: "-")
    }

    static func text(
        _ name: String, _ words: String, argument: String? = nil, option: String? = nil
    ) -> Self { Self(name, .text, words, argument: argument, option: option) }

    static func flag(_ name: String, _ words: String, argument: String? = nil) -> Self {
        Self(name, .flag, words, argument: argument)
    }

    static func number(
        _ name: String, _ range: ClosedRange<Int64>, _ words: String, argument: String? = nil,
        option: String? = nil
    ) -> Self { Self(name, .number(range), words, argument: argument, option: option) }

    static func choice(_ name: String, _ choices: [String], _ words: String) -> Self {
        Self(name, .choice(choices), words)
    }

    static func texts(_ name: String, _ words: String, option: String? = nil) -> Self {
        Self(name, .texts, words, option: option)
    }

    /// The same, where it has to be there.
    var required: Self {
        var member = self
        member.isRequired = true
        return member
    }
}

extension Member.Kind {
    /// True if forms bring it as a file.
    var isFile: Bool { if case .file = self { true } else { false } }

    /// What the operation is to be given for a value; nil if the value is not of this kind.
    func argument(for value: JSONValue) -> JSONValue? {
        switch self {
        case .text, .file: value.string.map { .string($0) }
        case .flag: value.bool.map { .bool($0) }
        case .number(let range):
            value.integer.flatMap { range.contains($0) ? .integer($0) : nil }
        case .choice(let choices):
            value.string.flatMap { text in
                choices.contains { $0.isExactly(text) } ? .string(text) : nil
            }
        case .texts: Self.list(value)
        case .textsOr(let words):
            value.string.map { text in
                words.contains { $0.isExactly(text) } ? .array([.string(text)]) : nil
            } ?? Self.list(value)
        case .numberOr(let range, let word):
            value.string.map { $0.isExactly(word) ? .string($0) : nil }
                ?? value.integer.flatMap { range.contains($0) ? .string(String($0)) : nil }
        case .object: value.object.map { .string(Self.text($0)) }
        case .objects: Self.objects(value)
        case .describedNames: Self.describedNames(value)
        }
    }

    private static func list(_ value: JSONValue) -> JSONValue? {
        value.strings.map { .array($0.map { .string($0) }) }
    }

    private static func objects(_ value: JSONValue) -> JSONValue? {
        guard let values = value.array else { return nil }
        let objects = values.compactMap(\.object)
        guard objects.count == values.count else { return nil }
        return .array(objects.map { .string(text($0)) })
    }

    private static func describedNames(_ value: JSONValue) -> JSONValue? {
        guard let members = value.object?.members else { return nil }
        let texts = members.compactMap { member in
            member.value.string.map { JSONValue.string("\(member.name)=\($0)") }
        }
        return texts.count == members.count ? .array(texts) : nil
    }

    private static func text(_ object: JSONObject) -> String {
        String(decoding: object.serialized(), as: UTF8.self)
    }

    /// The same from the text of a query; nil if it is not of this kind.
    func argument(forQuery text: String) -> JSONValue? {
        switch self {
        case .flag: ["true": true, "false": false][text].map { .bool($0) }
        case .number, .numberOr:
            Int64(text).flatMap { number in
                String(number).isExactly(text) ? argument(for: .integer(number)) : nil
            }
        default: argument(for: .string(text))
        }
    }

    /// What it must be, to follow “must be”.
    var rule: String {
        switch self {
        case .text: "a text"
        case .flag: "true or false"
        case .number(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .choice(let choices): "one of: \(choices.joined(separator: ", "))"
        case .texts: "a list of texts"
        case .textsOr(let words): "a list of texts, or \(words.joined(separator: " or "))"
        case .numberOr(let range, let word):
            "a whole number from \(range.lowerBound) to \(range.upperBound), or \(word)"
        case .object: "an object"
        case .objects: "a list of objects"
        case .describedNames: "an object of texts"
        case .file: "a file, in base64"
        }
    }
}

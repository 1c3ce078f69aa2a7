/// What a thing looks like in answers of the admin API.
struct Shape: Sendable {
    let name: String
    let words: String
    let fields: [Field]

    init(_ name: String, _ words: String, _ fields: [Field]) {
        self.name = name
        self.words = words
        self.fields = fields
    }
}

/// A member of an answer.
struct Field: Sendable {
    let name: String
    let kind: Kind
    let words: String
    /// True if it may be missing.
    private(set) var isOptional = false
    /// True if it may be null.
    private(set) var isNullable = false

    /// What it is.
    indirect enum Kind: Sendable {
        case text
        case flag
        case number
        /// A moment (RFC 3339, UTC).
        case time
        case texts
        case choice([String])
        case object(Shape)
        case list(Shape)
        /// An object of members that are not told here.
        case anyObject
        case anyObjects
        /// A list of texts, or one word.
        case textsOr(String)
        /// A number, or one word.
        case numberOr(String)
        /// Texts by names.
        case describedNames
    }

    init(_ name: String, _ kind: Kind, _ words: String) {
        self.name = name
        self.kind = kind
        self.words = words
    }

    static func text(_ name: String, _ words: String) -> Self { Self(name, .text, words) }
    static func flag(_ name: String, _ words: String) -> Self { Self(name, .flag, words) }
    static func number(_ name: String, _ words: String) -> Self { Self(name, .number, words) }
    static func time(_ name: String, _ words: String) -> Self { Self(name, .time, words) }
    static func texts(_ name: String, _ words: String) -> Self { Self(name, .texts, words) }
    static func choice(_ name: String, _ choices: [String], _ words: String) -> Self {
        Self(name, .choice(choices), words)
    }

    /// The same, where it may be missing.
    var optional: Self {
        var field = self
        field.isOptional = true
        return field
    }

    /// The same, where it may be null.
    var orNull: Self {
        var field = self
        field.isNullable = true
        return field
    }
}

extension Field {
    /// What it may be, in words.
    var rule: String {
        kind.rule + (isNullable ? ", or null" : "") + (isOptional ? "; may be missing" : "")
    }
}

extension Field.Kind {
    fileprivate var rule: String {
        switch self {
        case .text: "a text"
        case .flag: "true or false"
        case .number: "a whole number"
        case .time: "a time"
        case .texts: "a list of texts"
        case .choice(let choices): "one of: \(choices.joined(separator: ", "))"
        case .object(let shape): "an object: \(shape.name)"
        case .list(let shape): "a list of objects: \(shape.name)"
        case .anyObject: "an object"
        case .anyObjects: "a list of objects"
        case .textsOr(let words): "a list of texts, or \(words)"
        case .numberOr(let word): "a whole number, or \(word)"
        case .describedNames: "an object of texts"
        }
    }
}

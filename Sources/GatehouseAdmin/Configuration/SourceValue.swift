package import GatehouseEncoding

/// A value of a document that somebody wrote, and the line where it stands.
package struct SourceValue: Sendable {
    package let line: Int
    package let content: Content

    package indirect enum Content: Sendable {
        /// A text, a number, a truth value, or nothing.
        case scalar(JSONValue)
        case list([SourceValue])
        case map([Entry])
    }

    /// A named value of a map.
    package struct Entry: Sendable {
        package let name: String
        package let line: Int
        package let value: SourceValue

        package init(_ name: String, at line: Int, _ value: SourceValue) {
            self.name = name
            self.line = line
            self.value = value
        }
    }

    package init(_ content: Content, at line: Int) {
        self.content = content
        self.line = line
    }

    /// A value that says no lines.
    package init(_ json: JSONValue) {
        switch json {
        case .object(let object):
            let entries = object.members.map { Entry($0.name, at: 1, SourceValue($0.value)) }
            self.init(.map(entries), at: 1)
        case .array(let values): self.init(.list(values.map { SourceValue($0) }), at: 1)
        default: self.init(.scalar(json), at: 1)
        }
    }

    /// The same without lines.
    var json: JSONValue {
        switch content {
        case .scalar(let value): value
        case .list(let values): .array(values.map(\.json))
        case .map(let entries): .object(JSONObject(entries.map { ($0.name, $0.value.json) }))
        }
    }
}

/// What is wrong with a document, and where.
package struct ConfigurationProblem: Sendable, Hashable {
    /// Nil if it stands nowhere in particular.
    package let line: Int?
    /// One sentence.
    package let sentence: String

    package init(_ sentence: String, at line: Int? = nil) {
        self.sentence = sentence
        self.line = line
    }
}

/// Everything that is wrong with a document: nothing of it is done then.
package struct ConfigurationProblems: Error, Sendable {
    package let problems: [ConfigurationProblem]

    package init(_ problems: [ConfigurationProblem]) {
        self.problems = problems
    }
}

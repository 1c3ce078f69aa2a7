import GatehouseAdmin
import GatehouseEncoding
import Yams

/// Reads YAML that somebody wrote, where a value is what it looks like and nothing is made of others.
///
/// Left out of YAML, each with its traps: anchors and aliases, tags, merging, several documents in one
/// text, names that are no texts. A plain `true`, `false`, `null` or whole number is what it says;
/// everything else is a text, `no` and `1.10` too.
enum YAMLDocument {
    /// The longest text, in bytes.
    static let longest = 1 << 20
    /// How deep a value may lie: deeper than any that means something.
    private static let deepest = 24

    /// Reads a text.
    ///
    /// - Throws: ``ConfigurationProblems`` that say where it is wrong.
    static func read(_ text: String) throws -> SourceValue {
        guard text.utf8.count <= longest else {
            throw problem("The document is longer than \(longest) bytes.", at: nil)
        }
        // Before it is read: a name that stands for much is made much of while reading.
        if let line = lineOfAlias(in: text) { throw problem(noAliases, at: line) }
        do {
            guard let node = try Yams.compose(yaml: text) else {
                throw problem("The document is empty.", at: nil)
            }
            return try value(node, depth: 0)
        } catch let error as YamlError {
            // JSON may hold what YAML may not, such as a line separator.
            let json = try? JSONValue(parsing: Array(text.utf8))
            guard let json, json.object != nil else { throw problem(of: error) }
            return SourceValue(json)
        }
    }

    private static let noAliases = "Anchors and aliases (& and *) are not read: say it twice."

    private static let strange = "The document is not YAML, or holds a character that it may not."

    // MARK: Values

    private static func value(_ node: Node, depth: Int) throws -> SourceValue {
        let line = node.mark?.line ?? 1
        guard depth < deepest else { throw problem("The document is nested too deep.", at: line) }
        guard plainTags.contains(node.tag.description) else {
            throw problem("Tags (!) are not read.", at: line)
        }
        switch node {
        case .scalar(let scalar) where scalar.string.utf8.contains(0):
            throw problem(strange, at: line)
        case .scalar(let scalar):
            return SourceValue(.scalar(value(of: scalar)), at: line)
        case .sequence(let sequence):
            return SourceValue(
                .list(try sequence.map { try value($0, depth: depth + 1) }), at: line)
        case .mapping(let mapping):
            return SourceValue(
                .map(try mapping.map { try entry($0.key, $0.value, depth: depth + 1) }), at: line)
        case .alias: throw problem(noAliases, at: line)
        }
    }

    private static func entry(
        _ name: Node, _ value: Node, depth: Int
    ) throws -> SourceValue.Entry {
        let line = name.mark?.line ?? 1
        guard case .scalar(let scalar) = name,
            plainTags.contains(name.tag.description)
        else { throw problem("A name must be a text.", at: line) }
        return SourceValue.Entry(
            scalar.string, at: line, try self.value(value, depth: depth))
    }

    /// The tags that a reader gives to what has none.
    private static let plainTags: Set<String> = Set(
        ["str", "int", "float", "bool", "null", "timestamp", "map", "seq", "merge", "value"].map {
            "tag:yaml.org,2002:" + $0
        })

    private static func value(of scalar: Node.Scalar) -> JSONValue {
        guard scalar.style == .plain else { return .string(scalar.string) }
        switch scalar.string {
        case "true": return true
        case "false": return false
        case "null", "~", "": return .null
        default:
            // Only what is written as JSON writes it: 010 and 1_000 are texts.
            guard let number = Int64(scalar.string), String(number) == scalar.string else {
                return .string(scalar.string)
            }
            return .integer(number)
        }
    }

    // MARK: Before reading

    /// The line where a name is used that an anchor gives; nil if there is none.
    ///
    /// Nodes do not tell: they forget their anchors when they are read.
    private static func lineOfAlias(in text: String) -> Int? {
        var (line, anchors, aliases): (Int, Set<[UInt8]>, [[UInt8]: Int]) = (1, [], [:])
        var bytes = Array(text.utf8)[...]
        while let byte = bytes.popFirst() {
            if byte == UInt8(ascii: "\n") { line += 1 }
            guard byte == UInt8(ascii: "&") || byte == UInt8(ascii: "*") else { continue }
            let name = Array(bytes.prefix(while: isOfName))
            guard !name.isEmpty else { continue }
            if byte == UInt8(ascii: "&") {
                anchors.insert(name)
            } else if aliases[name] == nil {
                aliases[name] = line
            }
        }
        return aliases.filter { anchors.contains($0.key) }.map(\.value).min()
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    // MARK: Problems

    private static func problem(_ sentence: String, at line: Int?) -> ConfigurationProblems {
        ConfigurationProblems([ConfigurationProblem(sentence, at: line)])
    }

    /// Where the text is wrong, and nothing of what stands in it.
    private static func problem(of error: YamlError) -> ConfigurationProblems {
        switch error {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _):
            problem("The document is not YAML, or is several documents.", at: mark.line)
        case .duplicatedKeysInMapping(let names, let context):
            problem(
                "“\(names.first ?? "?")” stands twice in the same place.",
                at: context.mark.line)
        default: problem(strange, at: nil)
        }
    }
}

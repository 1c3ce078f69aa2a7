import Testing

/// A Swift file, taken apart into code, comments and string literals.
///
/// `code` and `comments` have the lines of the file. What is not theirs is blanked, so that a
/// rule about code is not broken by a comment or by the text of a page. What is interpolated
/// into a string is code.
struct SwiftFile {
    /// A string literal, quotes excluded, with its interpolations as they are written.
    struct Literal: Equatable {
        let line: Int
        let text: String
    }

    let path: String
    let code: [String]
    let comments: [String]
    let literals: [Literal]

    init(_ path: String, _ text: String) {
        var scanner = Scanner(text)
        scanner.scan()
        self.path = path
        code = Self.lines(of: scanner.code)
        comments = Self.lines(of: scanner.comments)
        literals = scanner.literals
    }

    /// The places in the code that match, each with the advice.
    ///
    /// A pattern takes long, so only lines are looked at that have one of the words, if some are given.
    func code(
        matching pattern: Regex<Substring>, having words: [String] = [], advice: String
    ) -> [Problem] {
        let pattern = pattern.asciiWords
        return code.indices.compactMap { index in
            let line = code[index]
            guard !line.isEmpty, words.isEmpty || words.contains(where: line.contains),
                line.firstMatch(of: pattern) != nil
            else { return nil }
            return Problem(path: path, line: index + 1, advice: advice)
        }
    }

    /// The comment that ends on the line before this one, or is beside it; without slashes.
    func comment(at line: Int) -> [String] {
        var block: [String] = []
        var index = line - 2
        while index >= 0, code[index].allSatisfy(\.isWhitespace), !comments[index].isBlank {
            block.insert(comments[index].trimmed, at: 0)
            index -= 1
        }
        if !comments[line - 1].isBlank { block.append(comments[line - 1].trimmed) }
        return block
    }

    /// The lines without the blanks at their ends, so that a blanked line is an empty one.
    private static func lines(of bytes: [UInt8]) -> [String] {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            let end = line.lastIndex { $0 != UInt8(ascii: " ") } ?? line.startIndex - 1
            return String(decoding: line[...end], as: UTF8.self)
        }
    }
}

extension Regex {
    /// The pattern with `\b` as other languages have it: to Unicode, `a.b` is one word.
    var asciiWords: Regex<RegexOutput> {
        wordBoundaryKind(.simple).asciiOnlyCharacterClasses().matchingSemantics(.unicodeScalar)
    }
}

extension String {
    var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
    var isBlank: Bool { allSatisfy(\.isWhitespace) }
}

/// Tells code, comments and strings apart.
///
/// It knows as much of Swift as that takes; a regular expression literal with a quote in it would
/// confuse it.
private struct Scanner {
    private enum Mode {
        /// Code, inside so many parentheses since the interpolation that it belongs to began.
        case code(parentheses: Int)
        case string(hashes: Int, quotes: Int, start: Int, line: Int)
    }

    /// What may begin a comment or a string, or count as a parenthesis.
    private static let marks = Array("/#\"()".utf8)

    private let bytes: [UInt8]
    private var modes: [Mode] = [.code(parentheses: 0)]
    private var index = 0
    private var line = 1
    private(set) var code: [UInt8]
    private(set) var comments: [UInt8]
    private(set) var literals: [SwiftFile.Literal] = []

    init(_ text: String) {
        bytes = Array(text.utf8)
        code = bytes.map { $0 == UInt8(ascii: "\n") ? $0 : UInt8(ascii: " ") }
        comments = code
    }

    mutating func scan() {
        while index < bytes.count {
            switch modes.last {
            case .string(let hashes, let quotes, let start, let line):
                scanString(hashes: hashes, quotes: quotes, start: start, line: line)
            case .code(let parentheses): scanCode(parentheses: parentheses)
            case nil: return
            }
        }
    }

    private mutating func scanCode(parentheses: Int) {
        // Most bytes begin nothing.
        while index < bytes.count, !Self.marks.contains(bytes[index]) {
            code[index] = bytes[index]
            advance()
        }
        if starts(with: "//") {
            while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { take(into: \.comments) }
        } else if starts(with: "/*") {
            scanBlockComment()
        } else if let hashes = hashesBeforeQuote() {
            let quotes = starts(with: "\"\"\"", after: hashes) ? 3 : 1
            index += hashes + quotes
            modes.append(.string(hashes: hashes, quotes: quotes, start: index, line: line))
        } else {
            // The code of the file itself is in no parentheses that matter.
            let change = starts(with: "(") ? 1 : starts(with: ")") ? -1 : 0
            if modes.count > 1, change != 0 {
                modes.removeLast()
                if parentheses + change > 0 {
                    modes.append(.code(parentheses: parentheses + change))
                }
            }
            take(into: \.code)
        }
    }

    private mutating func scanString(hashes: Int, quotes: Int, start: Int, line: Int) {
        while index < bytes.count, bytes[index] != UInt8(ascii: "\\"),
            bytes[index] != UInt8(ascii: "\"")
        {
            advance()
        }
        let marks = String(repeating: "#", count: hashes)
        let end = String(repeating: "\"", count: quotes) + marks
        if starts(with: "\\" + marks + "(") {
            skip(hashes + 1)
            take(into: \.code)
            modes.append(.code(parentheses: 1))
        } else if starts(with: "\\" + marks) {
            skip(hashes + 2)
        } else if starts(with: end) {
            let text = String(decoding: bytes[start..<index], as: UTF8.self)
            literals.append(.init(line: line, text: text))
            skip(end.utf8.count)
            modes.removeLast()
        } else {
            skip(1)
        }
    }

    private mutating func scanBlockComment() {
        var depth = 0
        repeat {
            if starts(with: "/*") { depth += 1 } else if starts(with: "*/") { depth -= 1 }
            take(into: \.comments)
            if depth == 0 { take(into: \.comments) }
        } while depth > 0 && index < bytes.count
    }

    /// The number of `#` before the quote that begins a string here.
    private func hashesBeforeQuote() -> Int? {
        var end = index
        while end < bytes.count, bytes[end] == UInt8(ascii: "#") { end += 1 }
        return end < bytes.count && bytes[end] == UInt8(ascii: "\"") ? end - index : nil
    }

    private func starts(with text: String, after offset: Int = 0) -> Bool {
        bytes[min(index + offset, bytes.count)...].starts(with: text.utf8)
    }

    private mutating func take(into kept: WritableKeyPath<Self, [UInt8]>) {
        guard index < bytes.count else { return }
        self[keyPath: kept][index] = bytes[index]
        skip(1)
    }

    private mutating func skip(_ count: Int) {
        for _ in 0..<count where index < bytes.count { advance() }
    }

    private mutating func advance() {
        if bytes[index] == UInt8(ascii: "\n") { line += 1 }
        index += 1
    }
}

@Suite struct `A Swift file taken apart` {
    @Test func `tells code, comments and strings apart`() {
        let file = SwiftFile(
            "a.swift",
            ##"""
            let a = "b // c \(d("e") + f) g" // h "i"
            /* j /* k */ l */ let m = #"n \(o) " \#(p)"#
            let q = """
                r "s" \(t)
                """; u()
            """##)
        let squeezed = file.code.map { $0.split(separator: " ").joined(separator: " ") }
        #expect(
            squeezed == ["let a = (d( ) + f)", "let m = (p)", "let q =", "(t)", "; u()"])
        #expect(file.comments.map(\.trimmed) == [#"// h "i""#, "/* j /* k */ l */", "", "", ""])
        #expect(file.literals.map(\.line) == [1, 1, 2, 3])
        #expect(file.literals[1].text == #"b // c \(d("e") + f) g"#)
        #expect(file.literals[3].text.trimmed == #"r "s" \(t)"#)
    }
}

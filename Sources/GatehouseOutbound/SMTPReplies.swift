package import GatehouseCore

/// An answer of a relay: a code, and the first word of each of its lines (RFC 5321 §4.2).
package struct SMTPReply: Sendable, Hashable {
    package let code: Int
    package fileprivate(set) var words: [String]

    /// True if a line names an extension.
    package func offers(_ word: String) -> Bool { words.contains(word) }
}

/// Answers of a relay as they come in, within limits.
package struct SMTPReplies {
    private var bytes: [UInt8] = []
    private var current: SMTPReply?
    private var total = 0

    /// The most bytes that a relay may say.
    private static let most = 64 * 1024

    package init() {}

    /// True if nothing waits to be read.
    package var isEmpty: Bool { bytes.isEmpty && current == nil }

    package mutating func add(_ more: some Collection<UInt8>) throws(MailFailure) {
        total += more.count
        guard total <= Self.most else { throw .malformed }
        bytes += more
    }

    /// The next answer; nil if it is not there as a whole.
    package mutating func next() throws(MailFailure) -> SMTPReply? {
        while let end = bytes.firstIndex(of: 0x0A) {
            var line = Array(bytes[..<end])
            bytes.removeFirst(end + 1)
            guard line.last == 0x0D else { throw .malformed }
            line.removeLast()
            let isLast = try read(line)
            if isLast, let reply = current {
                current = nil
                return reply
            }
        }
        return nil
    }

    /// Reads a line of an answer; true if it is the last one.
    private mutating func read(_ line: [UInt8]) throws(MailFailure) -> Bool {
        guard line.count >= 3, line[..<3].allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw .malformed
        }
        let code = line[..<3].reduce(0) { $0 * 10 + Int($1) - 0x30 }
        let mark = line.count > 3 ? line[3] : UInt8(ascii: " ")
        guard mark == UInt8(ascii: " ") || mark == UInt8(ascii: "-"),
            current.map({ $0.code == code }) ?? true
        else { throw .malformed }
        let word = line.dropFirst(4).prefix { $0 != UInt8(ascii: " ") }
            .map { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) ? $0 & 0xDF : $0 }
        var reply = current ?? SMTPReply(code: code, words: [])
        reply.words.append(String(decoding: word, as: UTF8.self))
        current = reply
        return mark == UInt8(ascii: " ")
    }
}

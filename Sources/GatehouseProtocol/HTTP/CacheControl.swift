/// What an answer says about how long it may be kept (RFC 9111 §5.2.2), as far as one keeps documents
/// for oneself.
package struct CacheControl: Sendable, Hashable {
    /// The seconds that it is fresh for; nil if nothing is said.
    package let freshness: Int64?

    /// The longest time that is told apart: a year.
    private static let longest = 31_536_000

    /// Reads the lines of the header.
    ///
    /// What cannot be read says nothing, and `no-store` and `no-cache` are no time at all.
    package init(_ lines: [String]) {
        let directives = lines.flatMap { line in
            line.utf8.split(separator: UInt8(ascii: ",")).map {
                WireText.trimmed(Array($0)[...]).map(WireText.lowercase)
            }
        }
        let forbidding = ["no-store", "no-cache"]
        if directives.contains(where: { one in forbidding.contains { one.starts(with: $0.utf8) } })
        {
            freshness = 0
            return
        }
        let name = "max-age="
        let ages = directives.filter { $0.starts(with: name.utf8) }.map { directive in
            WireNumber(directive.dropFirst(name.utf8.count), upTo: Self.longest)
        }
        freshness = ages.count == 1 ? ages[0].map { Int64($0.value) } : nil
    }
}

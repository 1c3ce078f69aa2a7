extension String {
    /// Whether two texts are the same bytes.
    ///
    /// `==` on `String` is canonical equivalence: it holds for two texts that a database, a
    /// signature or another program keeps apart. Protocol text is compared with this alone.
    @inlinable
    public func isExactly(_ other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        let isSame = unsafe utf8.withContiguousStorageIfAvailable { mine in
            unsafe other.utf8.withContiguousStorageIfAvailable { unsafe mine.elementsEqual($0) }
        }
        return (isSame ?? nil) ?? utf8.elementsEqual(other.utf8)
    }
}

/// A text that hashes and compares by its bytes, for sets and the keys of dictionaries.
public struct ExactText: Hashable, Sendable {
    /// The text itself.
    public let text: String

    /// Wraps a text.
    public init(_ text: String) {
        self.text = text
    }

    /// Whether two texts are the same bytes.
    public static func == (one: ExactText, other: ExactText) -> Bool {
        one.text.isExactly(other.text)
    }

    /// Feeds the bytes, and an end mark that no UTF-8 text contains.
    public func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(0xFF as UInt8)
    }
}

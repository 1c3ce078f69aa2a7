/// Cuts bytes that come in pieces into lines, of which it holds one at a time.
struct TextLines: Sendable {
    let longest: Int
    private var pending: [UInt8] = []
    private var isTooLong = false

    init(longest: Int) {
        self.longest = longest
    }

    /// True if there is something after the end of the last line.
    var hasRest: Bool { isTooLong || !pending.isEmpty }

    /// Takes a piece, and hands on each line that ends in it, without its end; nil for one that is too
    /// long.
    mutating func take(_ bytes: [UInt8], _ line: ([UInt8]?) -> Void) {
        var rest = bytes[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            add(rest[..<end])
            finish(line)
            rest = rest[(end + 1)...]
        }
        add(rest)
    }

    /// Hands on what is there as a line.
    mutating func finish(_ line: ([UInt8]?) -> Void) {
        line(isTooLong ? nil : pending)
        pending.removeAll(keepingCapacity: true)
        isTooLong = false
    }

    private mutating func add(_ bytes: ArraySlice<UInt8>) {
        guard !isTooLong, pending.count + bytes.count <= longest else {
            isTooLong = true
            pending = []
            return
        }
        pending += bytes
    }
}

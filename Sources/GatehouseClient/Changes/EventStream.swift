/// Reads server-sent events as they come in (HTML Living Standard §9.2.6), within limits.
struct EventStream: Sendable {
    /// What a stream brings.
    enum Item: Sendable, Equatable {
        /// A sign of life.
        case comment
        case event(Event)
    }

    /// One event.
    struct Event: Sendable, Equatable {
        var name = "message"
        var data = ""
        /// Where to go on from after it.
        var id: String?
    }

    /// The most bytes of one event.
    static let mostBytes = 256 * 1024

    private var line: [UInt8] = []
    private var followsReturn = false
    private var event = Event()
    private var hasData = false
    private var size = 0

    /// Takes what came, and tells what is complete.
    ///
    /// - Throws: ``ClientError/untrustworthy(_:)`` for what is larger than any event needs to be, or
    ///   no text.
    mutating func take(_ bytes: some Sequence<UInt8>) throws(ClientError) -> [Item] {
        var items: [Item] = []
        for byte in bytes {
            let isFeedAfterReturn = followsReturn && byte == UInt8(ascii: "\n")
            followsReturn = byte == UInt8(ascii: "\r")
            guard !isFeedAfterReturn else { continue }
            guard byte == UInt8(ascii: "\n") || followsReturn else {
                size += 1
                guard size <= Self.mostBytes else { throw .untrustworthy(.changeFeed) }
                line.append(byte)
                continue
            }
            if let item = try endLine() { items.append(item) }
        }
        return items
    }

    private mutating func endLine() throws(ClientError) -> Item? {
        defer { line.removeAll(keepingCapacity: true) }
        guard let text = String(validating: line, as: UTF8.self) else {
            throw .untrustworthy(.changeFeed)
        }
        guard !text.isEmpty else { return endEvent() }
        guard !text.utf8.starts(with: [UInt8(ascii: ":")]) else {
            if !hasData { size = 0 }
            return .comment
        }
        let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) ?? text.utf8.endIndex
        var value = text.utf8[colon...].dropFirst()
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        set(text[..<colon], to: String(Substring(value)))
        return nil
    }

    private mutating func set(_ field: Substring, to value: String) {
        switch field {
        case "event": event.name = value
        case "id": event.id = value
        case "data":
            event.data += (hasData ? "\n" : "") + value
            hasData = true
        default: break
        }
    }

    /// An event without data is none.
    private mutating func endEvent() -> Item? {
        defer { (event, hasData, size) = (Event(), false, 0) }
        return hasData ? .event(event) : nil
    }
}

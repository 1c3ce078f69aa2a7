/// Writes JSON straight into bytes, for answers and tokens that are made thousands of times a
/// second.
///
///     let bytes = JSONWriter.object { claims in
///         claims.add("iss", issuer)
///         claims.add("exp", expiry)
///         claims.array("aud") { $0.add(audience) }
///     }
///
/// Brackets and commas are the writer's: what it returns is always one whole value.
public enum JSONWriter {
    /// The text of the object whose members the closure adds.
    public static func object(_ add: (inout JSONMembers) -> Void) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512)
        JSONMembers.write(to: &bytes, add)
        return bytes
    }

    /// The text of the array whose elements the closure adds.
    public static func array(_ add: (inout JSONElements) -> Void) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512)
        JSONElements.write(to: &bytes, add)
        return bytes
    }
}

/// A value that is written once, to stand in several texts.
public struct WrittenJSON: Sendable, Equatable {
    /// The text of one whole value, of the writer's making.
    fileprivate let bytes: [UInt8]

    /// A text.
    public static func string(_ value: String) -> Self {
        var bytes: [UInt8] = []
        JSONText.append(value, to: &bytes)
        return Self(bytes: bytes)
    }

    /// A list of texts.
    public static func strings(_ values: [String]) -> Self {
        array { elements in
            for value in values { elements.add(value) }
        }
    }

    /// The array whose elements the closure adds.
    public static func array(_ add: (inout JSONElements) -> Void) -> Self {
        Self(bytes: JSONWriter.array(add))
    }
}

/// The object that is being written.
///
/// Of two members with one name the first stands and the second is dropped: a claim that comes
/// from a customer's data, added last, cannot replace one of the protocol.
public struct JSONMembers: ~Copyable {
    private var bytes: [UInt8]
    /// Where the names that were written lie, escaped and quoted.
    private var names: [Range<Int>] = []

    private init(_ bytes: consuming [UInt8]) {
        self.bytes = bytes
        names.reserveCapacity(8)
    }

    static func write(to bytes: inout [UInt8], _ add: (inout JSONMembers) -> Void) {
        var members = JSONMembers(take(&bytes))
        members.bytes.append(UInt8(ascii: "{"))
        add(&members)
        members.bytes.append(UInt8(ascii: "}"))
        bytes = take(&members.bytes)
    }

    /// Adds a text.
    public mutating func add(_ name: String, _ value: String) {
        member(name) { JSONText.append(value, to: &$0) }
    }

    /// Adds an integer.
    public mutating func add(_ name: String, _ value: Int64) {
        member(name) { JSONText.append(value, to: &$0) }
    }

    /// Adds an integer.
    public mutating func add(_ name: String, _ value: Int) {
        add(name, Int64(value))
    }

    /// Adds a truth value.
    public mutating func add(_ name: String, _ value: Bool) {
        member(name) { JSONText.append(value, to: &$0) }
    }

    /// Adds a list of texts.
    public mutating func add(_ name: String, _ values: [String]) {
        array(name) { elements in
            for value in values { elements.add(value) }
        }
    }

    /// Adds a value that was written before.
    public mutating func add(_ name: String, _ value: WrittenJSON) {
        member(name) { $0.append(contentsOf: value.bytes) }
    }

    /// Adds any value.
    public mutating func add(_ name: String, _ value: JSONValue) {
        member(name) { JSONText.append(value, to: &$0) }
    }

    /// Adds the members of an object.
    public mutating func add(_ object: JSONObject) {
        for member in object.members { add(member.name, member.value) }
    }

    /// Adds an object whose members the closure adds.
    public mutating func object(_ name: String, _ add: (inout JSONMembers) -> Void) {
        member(name) { JSONMembers.write(to: &$0, add) }
    }

    /// Adds an array whose elements the closure adds.
    public mutating func array(_ name: String, _ add: (inout JSONElements) -> Void) {
        member(name) { JSONElements.write(to: &$0, add) }
    }

    private mutating func member(_ name: String, _ value: (inout [UInt8]) -> Void) {
        let start = bytes.count
        if !names.isEmpty { bytes.append(UInt8(ascii: ",")) }
        let nameStart = bytes.count
        JSONText.append(name, to: &bytes)
        let nameRange = nameStart..<bytes.count
        guard !names.contains(where: { isSame($0, nameRange) }) else {
            bytes.removeSubrange(start...)
            return
        }
        names.append(nameRange)
        bytes.append(UInt8(ascii: ":"))
        value(&bytes)
    }

    private func isSame(_ one: Range<Int>, _ other: Range<Int>) -> Bool {
        one.count == other.count && bytes[one] == bytes[other]
    }
}

/// The array that is being written.
public struct JSONElements: ~Copyable {
    private var bytes: [UInt8]
    private var isEmpty = true

    private init(_ bytes: consuming [UInt8]) {
        self.bytes = bytes
    }

    static func write(to bytes: inout [UInt8], _ add: (inout JSONElements) -> Void) {
        var elements = JSONElements(take(&bytes))
        elements.bytes.append(UInt8(ascii: "["))
        add(&elements)
        elements.bytes.append(UInt8(ascii: "]"))
        bytes = take(&elements.bytes)
    }

    /// Adds a text.
    public mutating func add(_ value: String) {
        separate()
        JSONText.append(value, to: &bytes)
    }

    /// Adds any value.
    public mutating func add(_ value: JSONValue) {
        separate()
        JSONText.append(value, to: &bytes)
    }

    /// Adds an object whose members the closure adds.
    public mutating func object(_ add: (inout JSONMembers) -> Void) {
        separate()
        JSONMembers.write(to: &bytes, add)
    }

    private mutating func separate() {
        if !isEmpty { bytes.append(UInt8(ascii: ",")) }
        isEmpty = false
    }
}

/// Moves a buffer out of its place, so that appending to it copies nothing.
private func take(_ bytes: inout [UInt8]) -> [UInt8] {
    var taken: [UInt8] = []
    swap(&taken, &bytes)
    return taken
}

/// The members of a JSON object, in order, each name once.
///
/// A dictionary would lose the order and would take two names for one when Unicode calls them
/// canonically equivalent. Names are found by their exact bytes.
public struct JSONObject: Sendable, Equatable {
    /// A named value.
    public struct Member: Sendable, Equatable {
        /// The name, unescaped.
        public let name: String
        /// The value.
        public let value: JSONValue

        /// Whether name and value are the same, the name by its bytes.
        public static func == (one: Member, other: Member) -> Bool {
            one.name.isExactly(other.name) && one.value == other.value
        }
    }

    /// The members in the order they were read or added.
    public private(set) var members: [Member] = []

    /// An object without members.
    public init() {}

    /// An object of some members; of two with one name the first stands.
    public init(_ members: [(String, JSONValue)]) {
        for (name, value) in members { add(name, value) }
    }

    /// Members whose names are known to differ.
    init(distinct members: [Member]) {
        self.members = members
    }

    /// Reads an object that fills the whole input; any other value is refused.
    public init(parsing bytes: [UInt8]) throws(JSONError) {
        guard case .object(let object) = try JSONValue(parsing: bytes) else {
            throw JSONError(.notAnObject, at: 0)
        }
        self = object
    }

    /// The value of the member with this very name.
    public subscript(name: String) -> JSONValue? {
        members.first { $0.name.isExactly(name) }?.value
    }

    /// Adds a member at the end, unless there is one with that name: the first one stands.
    @discardableResult
    public mutating func add(_ name: String, _ value: JSONValue) -> Bool {
        guard self[name] == nil else { return false }
        members.append(Member(name: name, value: value))
        return true
    }

    /// Takes a member out.
    public mutating func remove(_ name: String) {
        members.removeAll { $0.name.isExactly(name) }
    }

    /// The compact text of the object, members in their order.
    public func serialized() -> [UInt8] {
        JSONValue.object(self).serialized()
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// An object of some members; of two with one name the first stands.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init(elements)
    }
}

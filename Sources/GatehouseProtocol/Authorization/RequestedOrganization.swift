private import GatehouseEncoding

/// The organization that an authorization request is for, in whichever words other servers know it.
///
/// It is read for those clients only that are told of organizations; to all others it is one of the
/// parameters that are ignored (RFC 6749 §3.1).
public struct RequestedOrganization: Sendable, Hashable {
    /// The organization, by its id or slug; nil if the parameters name several.
    public let name: String?
    /// The parameters, as they were sent.
    package let parameters: [(ParameterName, String)]

    private static let names: [ParameterName] = [.organization, .org, .organizationID]

    /// The most bytes that a name has.
    private static let limit = 100

    /// Reads the parameters; nil if there are none.
    init?(_ form: FormParameters) {
        let sent = Self.names.compactMap { name in form[name].map { (name, $0) } }
        guard let first = sent.first else { return nil }
        let isOne = sent.allSatisfy { $0.1.isExactly(first.1) }
        let isShort = first.1.utf8.count <= Self.limit
        name = isOne && isShort ? first.1 : nil
        // What is too long names nothing, and is kept only as far as shows that it was too long.
        parameters =
            isShort
            ? sent
            : sent.map { name, value in
                (name, String(decoding: value.utf8.prefix(Self.limit + 1), as: UTF8.self))
            }
    }

    /// Two are the same if they were sent alike.
    public static func == (one: Self, other: Self) -> Bool {
        one.parameters.elementsEqual(other.parameters) { $0.0 == $1.0 && $0.1 == $1.1 }
    }

    /// Hashes what was sent.
    public func hash(into hasher: inout Hasher) {
        for (name, value) in parameters {
            hasher.combine(name)
            hasher.combine(value)
        }
    }
}

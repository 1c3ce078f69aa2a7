package import GatehouseEncoding
private import GatehouseProtocol

/// What a provider says of somebody, claim by claim.
///
/// Each reader is nil where the claim is missing or of another kind.
public struct Claims: Sendable, Equatable {
    /// Every claim, as it was read.
    package let object: JSONObject
    /// The person, or the client, by an id that never changes.
    public let subject: String

    /// Takes the claims of a token whose signature was checked.
    package init(_ object: JSONObject) throws(ClientError) {
        guard let subject = object["sub"]?.string, (1...255).contains(subject.utf8.count) else {
            throw .untrustworthy(.subject)
        }
        self.object = object
        self.subject = subject
    }

    /// The names of the claims.
    public var names: [String] { object.members.map(\.name) }

    /// A text.
    public func text(_ name: String) -> String? { object[name]?.string }

    /// A whole number, such as a time in seconds since 1970.
    public func number(_ name: String) -> Int64? { object[name]?.integer }

    /// Yes or no.
    public func flag(_ name: String) -> Bool? { object[name]?.bool }

    /// A list of texts.
    public func texts(_ name: String) -> [String]? { object[name]?.strings }

    /// Any claim as JSON.
    public func json(_ name: String) -> String? {
        object[name].map { String(decoding: $0.serialized(), as: UTF8.self) }
    }

    /// These claims with newer ones in their place.
    ///
    /// Where the newer ones say nothing of organizations, there are none any more.
    func updated(by newer: JSONObject) throws(ClientError) -> Claims {
        var merged = object
        for name in OrganizationClaims.names { merged.remove(name) }
        for member in newer.members {
            merged.remove(member.name)
            merged.add(member.name, member.value)
        }
        return try Claims(merged)
    }
}

private import GatehouseEncoding
import GatehouseProtocol
package import GatehouseSQL

/// What a client asked for and waits for until a person has decided on it elsewhere (RFC 8628 §3.4,
/// OpenID Connect CIBA Core §10.1).
///
/// The client polls with a one-time secret that leads here.
package protocol DecidedElsewhere: Sendable, Identified {
    var id: Identifier<Self> { get }
    /// The address that the client asked through; its tokens carry it.
    var issuer: String { get }
    /// How long the client waits between two polls; it grows if it does not.
    var interval: Lifetime { get }
    var decidedAt: Timestamp? { get }
    /// The grant, if it was allowed.
    var grantID: Grant.ID? { get }

    init(_ row: Row) throws

    /// How long somebody may decide, at most.
    static var lifetime: Lifetime { get }
    /// What the client polls with.
    static var secretPurpose: Secret.Purpose { get }
    /// The name of the table, by which the row of the secret calls it too.
    static var table: StaticString { get }
    static var columns: SQL { get }
    /// What else changes in a row once somebody has decided, behind a comma; mostly nothing.
    static var decidedChanges: SQL { get }
    /// What is said to a client that polls, and noted of it.
    static var pollWords: PollWords { get }
}

/// What is said to a client that polls, and noted of it.
package struct PollWords: Sendable {
    let unusable: OAuthError
    let expired: OAuthError
    let slowDown: OAuthError
    let redeemed: Event.Kind
    let refused: Event.Kind
}

/// What a person made of what a client asked for.
package enum Decision: Sendable, Equatable {
    case allowed(Grant.ID)
    case denied
}

extension DecidedElsewhere {
    package static var decidedChanges: SQL { "" }

    /// How long a client waits between two polls at first (RFC 8628 §3.2, CIBA Core §7.3).
    package static var interval: Lifetime { .seconds(5) }
    /// By how much the wait grows each time that a client polls too early (RFC 8628 §3.5).
    static var slowDown: Lifetime { .seconds(5) }
    /// How much too early a poll may come: the one before may have been held up on its way.
    static var leeway: Lifetime { .seconds(1) }

    /// What a person made of it; nil as long as nobody has decided.
    package var decision: Decision? {
        guard decidedAt != nil else { return nil }
        return grantID.map(Decision.allowed) ?? .denied
    }

    /// How the row of the secret names what it leads to.
    var payload: String {
        String(
            decoding: JSONWriter.object { $0.add(Self.table.description, id.text) },
            as: UTF8.self)
    }

    /// Reads it again.
    static func id(in payload: String) throws -> Identifier<Self>? {
        let json = try JSONObject(parsing: Array(payload.utf8))
        return json[table.description]?.string.map(Identifier<Self>.init(stored:))
    }
}

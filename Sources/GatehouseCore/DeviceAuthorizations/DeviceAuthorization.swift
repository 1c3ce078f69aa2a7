package import GatehouseProtocol
package import GatehouseSQL

/// What a device asked for, and what a person made of it elsewhere (RFC 8628).
///
/// The device holds the device code, a one-time secret that leads here; the person types the user
/// code, of which only a keyed digest is stored, and only until somebody has decided.
package struct DeviceAuthorization: DecidedElsewhere {
    package typealias ID = Identifier<DeviceAuthorization>
    package static let identifierPrefix = "dva"

    package let id: ID
    package let clientID: Client.ID
    /// The address that the client asked through; its tokens carry it.
    package let issuer: String
    package let scope: Scope
    package let codeChallenge: CodeChallenge?
    /// The network address that it was begun from, as far as it can be trusted.
    package let address: String?
    package let createdAt: Timestamp
    package let expiresAt: Timestamp
    /// How long the device waits between two polls; it grows if it does not.
    package let interval: Lifetime
    package let decidedAt: Timestamp?
    /// The grant, if it was allowed.
    package let grantID: Grant.ID?

    /// How long both codes can be used.
    package static let lifetime = Lifetime.minutes(10)

    init(
        _ request: DeviceAuthorizationRequest, by client: Client.ID, through issuer: Issuer,
        on occasion: Occasion
    ) {
        id = ID(at: occasion.now)
        clientID = client
        self.issuer = issuer.text
        scope = request.scope
        codeChallenge = request.codeChallenge
        address = occasion.address
        createdAt = occasion.now
        expiresAt = occasion.now + Self.lifetime
        interval = Self.interval
        decidedAt = nil
        grantID = nil
    }

    package init(_ row: Row) throws {
        id = ID(stored: try row.text("id"))
        clientID = Client.ID(stored: try row.text("client_id"))
        issuer = try row.text("issuer")
        scope = try Scope(parsing: try row.text("scope"))
        codeChallenge = try row.optionalText("code_challenge").flatMap(CodeChallenge.init(stored:))
        address = try row.optionalText("address")
        createdAt = Timestamp(milliseconds: try row.integer("created_at"))
        expiresAt = Timestamp(milliseconds: try row.integer("expires_at"))
        interval = .seconds(try row.integer("poll_interval") / 1_000)
        decidedAt = try row.optionalInteger("decided_at").map(Timestamp.init(milliseconds:))
        grantID = try row.optionalText("grant_id").map(Grant.ID.init(stored:))
    }

    /// True as long as somebody may decide.
    package func isPending(at now: Timestamp) -> Bool {
        decidedAt == nil && now < expiresAt
    }

    /// True if it was begun in the same network as this request is from, as far as that is known.
    package func isFromNetwork(of occasion: Occasion) -> Bool {
        guard let address, let other = occasion.address else { return false }
        return Network(of: address) == Network(of: other)
    }
}

package import GatehouseProtocol
package import GatehouseSQL

/// What a client asked of a person who is elsewhere, and what the person made of it (OpenID Connect
/// CIBA Core).
///
/// The client holds the `auth_req_id`, a one-time secret that leads here; the person finds it on a
/// page once they are signed in.
package struct BackchannelAuthentication: DecidedElsewhere {
    package typealias ID = Identifier<BackchannelAuthentication>
    package static let identifierPrefix = "bca"

    package let id: ID
    package let clientID: Client.ID
    /// Who is asked, and nobody else.
    package let userID: User.ID
    /// The address that the client asked through; its tokens carry it.
    package let issuer: String
    package let scope: Scope
    /// What both devices show.
    package let bindingMessage: BindingMessage?
    package let createdAt: Timestamp
    package let expiresAt: Timestamp
    /// How long the client waits between two polls; it grows if it does not.
    package let interval: Lifetime
    package let decidedAt: Timestamp?
    /// The grant, if it was allowed.
    package let grantID: Grant.ID?
    /// What the client is told of the answer with, sealed; nil if it is told nothing, or was.
    let notification: [UInt8]?

    /// How long somebody may answer, unless the client wants to wait less.
    package static let lifetime = Lifetime.minutes(5)

    init(
        _ request: BackchannelAuthenticationRequest, of user: User.ID, by client: Client.ID,
        through issuer: Issuer, at now: Timestamp, notification: (ID) throws -> [UInt8]?
    ) rethrows {
        id = ID(at: now)
        clientID = client
        userID = user
        self.issuer = issuer.text
        scope = request.scope
        bindingMessage = request.bindingMessage
        createdAt = now
        expiresAt =
            now + min(request.requestedExpiry.map { .seconds($0) } ?? Self.lifetime, Self.lifetime)
        interval = Self.interval
        decidedAt = nil
        grantID = nil
        self.notification = try notification(id)
    }

    package init(_ row: Row) throws {
        id = ID(stored: try row.text("id"))
        clientID = Client.ID(stored: try row.text("client_id"))
        userID = User.ID(stored: try row.text("user_id"))
        issuer = try row.text("issuer")
        scope = try Scope(parsing: try row.text("scope"))
        bindingMessage = try row.optionalText("binding_message")
            .flatMap(BindingMessage.init(parsing:))
        createdAt = Timestamp(milliseconds: try row.integer("created_at"))
        expiresAt = Timestamp(milliseconds: try row.integer("expires_at"))
        interval = .seconds(try row.integer("poll_interval") / 1_000)
        decidedAt = try row.optionalInteger("decided_at").map(Timestamp.init(milliseconds:))
        grantID = try row.optionalText("grant_id").map(Grant.ID.init(stored:))
        notification = try row.optionalBytes("notification")
    }
}

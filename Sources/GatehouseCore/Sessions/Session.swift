package import GatehouseProtocol
import GatehouseSQL

/// A person signed in at a tenant in one browser.
package struct Session: Sendable, Identified {
    package typealias ID = Identifier<Session>
    package static let identifierPrefix = "ses"

    /// The `sid` of ID tokens too.
    ///
    /// Knowing it opens nothing.
    package let id: ID
    package let userID: User.ID
    /// When the person last proved who they are.
    package let authenticatedAt: Timestamp
    /// How they proved it (RFC 8176).
    package let authenticationMethods: [AuthenticationMethod]
    package let lastSeenAt: Timestamp
    /// When it ends however busy it is.
    package let expiresAt: Timestamp
    package let endedAt: Timestamp?
    /// The organization through which the person signed in: the session counts while they are a member
    /// and act there; nil if none decides about them.
    package let through: Organization.ID?

    /// How long a session lasts, at most and without being used.
    package static let lifetime = Lifetime.days(14)
    package static let idleLifetime = Lifetime.hours(24)

    package init(
        of userID: User.ID, by methods: [AuthenticationMethod],
        admitted admission: DomainAdmission = .free, at now: Timestamp
    ) {
        id = ID(at: now)
        self.userID = userID
        authenticatedAt = now
        authenticationMethods = methods
        lastSeenAt = now
        expiresAt = Self.end(of: admission, at: now)
        endedAt = nil
        through = admission.organization
    }

    /// When a session ends that begins, or is renewed, now.
    static func end(of admission: DomainAdmission, at now: Timestamp) -> Timestamp {
        now + min(lifetime, admission.longest ?? lifetime)
    }

    init(_ row: Row) throws {
        id = ID(stored: try row.text("id"))
        userID = User.ID(stored: try row.text("user_id"))
        authenticatedAt = Timestamp(milliseconds: try row.integer("authenticated_at"))
        authenticationMethods = [AuthenticationMethod](
            stored: try row.text("authentication_methods"))
        lastSeenAt = Timestamp(milliseconds: try row.integer("last_seen_at"))
        expiresAt = Timestamp(milliseconds: try row.integer("expires_at"))
        endedAt = try row.optionalInteger("ended_at").map(Timestamp.init(milliseconds:))
        through = try row.optionalText("through_organization_id")
            .map(Organization.ID.init(stored:))
    }

    /// True if it was neither ended nor left alone for too long.
    package func isLive(at now: Timestamp) -> Bool {
        endedAt == nil && now < expiresAt && now < lastSeenAt + Self.idleLifetime
    }
}

/// A way of proving who one is, by its registered name (RFC 8176 §2).
package enum AuthenticationMethod: String, Sendable, CaseIterable {
    case password = "pwd"
}

extension [AuthenticationMethod] {
    /// The class that these methods deserve, and no higher one; nil if they prove nothing.
    package var contextClass: AuthenticationContextClass? {
        contains(.password) ? .password : nil
    }

    var stored: String { map(\.rawValue).joined(separator: " ") }

    init(stored text: String) {
        self = text.split(separator: " ").compactMap { AuthenticationMethod(rawValue: String($0)) }
    }
}

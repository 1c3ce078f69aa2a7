package import GatehouseProtocol
import GatehouseSQL

/// A person in one tenant: what they sign in with, and what is known of them.
package struct User: Sendable, Identified {
    package typealias ID = Identifier<User>
    package static let identifierPrefix = "usr"

    package let id: ID
    package var name: DisplayName?
    package var email: EmailAddress?
    package var emailVerifiedAt: Timestamp?
    package var username: Username?
    package var passwordHash: PasswordHash?
    package let createdAt: Timestamp
    package var updatedAt: Timestamp
    package var disabledAt: Timestamp?

    package init(
        name: DisplayName?, email: EmailAddress?, username: Username?,
        passwordHash: PasswordHash?, at now: Timestamp
    ) {
        id = ID(at: now)
        self.name = name
        self.email = email
        emailVerifiedAt = nil
        self.username = username
        self.passwordHash = passwordHash
        createdAt = now
        updatedAt = now
        disabledAt = nil
    }

    init(_ row: Row) throws {
        id = ID(stored: try row.text("id"))
        name = try row.optionalText("name").flatMap(DisplayName.init(parsing:))
        email = try row.optionalText("email").flatMap(EmailAddress.init(parsing:))
        emailVerifiedAt = try row.optionalInteger("email_verified_at")
            .map(Timestamp.init(milliseconds:))
        username = try row.optionalText("username").flatMap(Username.init(parsing:))
        passwordHash = try row.optionalText("password_hash").map(PasswordHash.init(stored:))
        createdAt = Timestamp(milliseconds: try row.integer("created_at"))
        updatedAt = Timestamp(milliseconds: try row.integer("updated_at"))
        disabledAt = try row.optionalInteger("disabled_at").map(Timestamp.init(milliseconds:))
    }

    /// What a page calls the person.
    package var displayName: String {
        name?.text ?? username?.text ?? email?.text ?? id.text
    }

    /// What the person may be known by, as claims.
    package var identity: IdentityClaims {
        IdentityClaims(
            name: name?.text, preferredUsername: username?.text, updatedAt: updatedAt.seconds,
            email: email?.text, emailVerified: emailVerifiedAt != nil)
    }
}

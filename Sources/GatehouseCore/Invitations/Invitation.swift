package import GatehouseProtocol
import GatehouseSQL

/// That whoever has an address may become a member of an organization, once and in its time.
package struct Invitation: Sendable, Identified {
    package typealias ID = Identifier<Invitation>
    package static let identifierPrefix = "inv"

    package let id: ID
    package let organizationID: Organization.ID
    package let email: EmailAddress
    /// Who invites, in the words of whoever did it.
    package let inviter: DisplayName?
    /// What the person becomes, by the names that roles have when they accept.
    package let title: DisplayName?
    package let scopes: MembershipScopes
    package let roles: [OrganizationRole.Name]
    /// Where the person answers.
    package let issuer: Issuer
    package let createdAt: Timestamp
    package private(set) var expiresAt: Timestamp
    package let acceptedAt: Timestamp?
    package let acceptedBy: User.ID?
    package let revokedAt: Timestamp?
    package private(set) var letter: InvitationLetter

    /// How long one lasts where nothing is said, and may last at most.
    package static let lifetime = Lifetime.days(7)
    package static let longestDays: Int64 = 30
    /// The most that one organization may have waiting.
    package static let mostOfOrganization = 10_000

    /// What became of an invitation.
    package enum State: String, Sendable {
        case pending
        case accepted
        case revoked
        case expired
    }

    /// What whoever invites says of an invitation.
    package struct Terms: Sendable {
        package let email: EmailAddress
        package let inviter: DisplayName?
        package let title: DisplayName?
        package let scopes: MembershipScopes
        package let roles: [OrganizationRole.Name]
        package let lifetime: Lifetime

        package init(
            email: EmailAddress, inviter: DisplayName?, title: DisplayName?,
            scopes: MembershipScopes, roles: [OrganizationRole.Name], lifetime: Lifetime
        ) {
            self.email = email
            self.inviter = inviter
            self.title = title
            self.scopes = scopes
            self.roles = Set(roles).sorted()
            self.lifetime = lifetime
        }
    }

    init(
        _ terms: Terms, to organization: Organization.ID, answeredAt issuer: Issuer,
        at now: Timestamp
    ) {
        id = ID(at: now)
        organizationID = organization
        email = terms.email
        inviter = terms.inviter
        title = terms.title
        scopes = terms.scopes
        roles = terms.roles
        self.issuer = issuer
        createdAt = now
        expiresAt = now + terms.lifetime
        acceptedAt = nil
        acceptedBy = nil
        revokedAt = nil
        letter = InvitationLetter(dueAt: now)
    }

    package func state(at now: Timestamp) -> State {
        if acceptedAt != nil { return .accepted }
        if revokedAt != nil { return .revoked }
        return expiresAt <= now ? .expired : .pending
    }

    /// The same invitation with a new time and a new letter; the secret of the old one is worth
    /// nothing from then on.
    func renewed(for lifetime: Lifetime, at now: Timestamp) -> Invitation {
        var invitation = self
        invitation.expiresAt = now + lifetime
        invitation.letter = InvitationLetter(dueAt: now)
        return invitation
    }

    /// True if a user is whom it is for: by an address that is known to be theirs.
    package func isFor(_ user: User) -> Bool {
        user.email?.key == email.key && user.emailVerifiedAt != nil
    }

    init(_ row: Row) throws {
        guard let email = EmailAddress(parsing: try row.text("email")) else {
            throw DatabaseError.unexpectedColumn("invitation.email")
        }
        id = ID(stored: try row.text("id"))
        organizationID = Organization.ID(stored: try row.text("organization_id"))
        self.email = email
        inviter = try row.optionalText("inviter").flatMap(DisplayName.init(parsing:))
        title = try row.optionalText("title").flatMap(DisplayName.init(parsing:))
        scopes = try MembershipScopes(stored: try row.text("scopes"))
        roles = try row.text("roles").split(separator: " ")
            .map { OrganizationRole.Name(stored: String($0)) }
        issuer = Issuer(stored: try row.text("issuer"))
        createdAt = Timestamp(milliseconds: try row.integer("created_at"))
        expiresAt = Timestamp(milliseconds: try row.integer("expires_at"))
        acceptedAt = try row.optionalInteger("accepted_at").map(Timestamp.init(milliseconds:))
        acceptedBy = try row.optionalText("accepted_by").map(User.ID.init(stored:))
        revokedAt = try row.optionalInteger("revoked_at").map(Timestamp.init(milliseconds:))
        letter = try InvitationLetter(row)
    }

    var storedRoles: String { roles.map(\.text).joined(separator: " ") }
}

/// The letter that brings an invitation: when it is due, and how it went.
package struct InvitationLetter: Sendable, Hashable {
    /// When it is sent, or tried again; nil if there is nothing to do any more.
    package let dueAt: Timestamp?
    package let attempts: Int64
    /// When the relay took it.
    package let sentAt: Timestamp?

    /// How often it is tried, and for how long somebody who tries has it alone.
    private static let mostAttempts: Int64 = 12
    static let claim = Lifetime.minutes(2)

    init(dueAt: Timestamp) {
        self.dueAt = dueAt
        attempts = 0
        sentAt = nil
    }

    private init(dueAt: Timestamp?, attempts: Int64, sentAt: Timestamp?) {
        self.dueAt = dueAt
        self.attempts = attempts
        self.sentAt = sentAt
    }

    init(_ row: Row) throws {
        self.init(
            dueAt: try row.optionalInteger("letter_due_at").map(Timestamp.init(milliseconds:)),
            attempts: try row.integer("letter_attempts"),
            sentAt: try row.optionalInteger("letter_sent_at").map(Timestamp.init(milliseconds:)))
    }

    /// What is known of a letter.
    package enum State: String, Sendable {
        case waiting
        case sent
        case failed
    }

    package var state: State {
        if sentAt != nil { return .sent }
        return dueAt == nil ? .failed : .waiting
    }

    /// The letter while somebody tries to send it.
    func claimed(at now: Timestamp) -> InvitationLetter {
        InvitationLetter(dueAt: now + Self.claim, attempts: attempts + 1, sentAt: nil)
    }

    /// The letter after it was tried: sent, to be tried again ever later, or given up.
    package func tried(_ failure: MailFailure?, at now: Timestamp) -> InvitationLetter {
        guard let failure else {
            return InvitationLetter(dueAt: nil, attempts: attempts, sentAt: now)
        }
        guard failure.isTemporary, attempts < Self.mostAttempts else {
            return InvitationLetter(dueAt: nil, attempts: attempts, sentAt: nil)
        }
        let minutes = min(Int64(1) << min(attempts - 1, 6), 60)
        return InvitationLetter(
            dueAt: now + .minutes(minutes), attempts: attempts, sentAt: nil)
    }
}

import GatehouseCore
import GatehouseProtocol
import GatehouseSQL
import GatehouseScopes
import Testing

/// What tests do with invitations.
extension World {
    private var invitations: AdministerInvitations { gatehouse.invitations }
    var answer: AnswerInvitation { gatehouse.answerInvitation }

    static func terms(
        _ email: String = "kay@acme.test", scopes: [String] = ["a:b"], roles: [String] = [],
        days: Int64 = 7
    ) throws -> Invitation.Terms {
        Invitation.Terms(
            email: try #require(EmailAddress(parsing: email)),
            inviter: DisplayName(parsing: "Ann"), title: DisplayName(parsing: "Founder"),
            scopes: try #require(MembershipScopes(parsing: scopes)), roles: names(roles),
            lifetime: .days(days))
    }

    func invite(
        _ terms: Invitation.Terms, to organization: Organization,
        after delay: Lifetime = .seconds(0)
    ) async throws -> AdministerInvitations.Change {
        try await invitations.invite(
            terms, to: organization.id, of: acme.id, answeredAt: issuer,
            on: Self.occasion(after: delay))
    }

    /// Invites somebody and reads the letter.
    func invited(
        _ terms: Invitation.Terms, to organization: Organization
    ) async throws -> (invitation: Invitation, secret: Secret) {
        guard case .changed(let invitation) = try await invite(terms, to: organization) else {
            throw Surprise()
        }
        return (invitation, try await nextLetter())
    }

    /// The secret of the one letter that is due, as it stands in the mail.
    func nextLetter(after delay: Lifetime = .seconds(0)) async throws -> Secret {
        let count = relay.mails.count
        #expect(try await sendLetters(after: delay) == [nil])
        #expect(relay.mails.count == count + 1)
        let text = try #require(relay.mails.last).text
        let token = try #require(text.firstMatch(of: /invitation_token=(\S+)/)?.1)
        return try #require(Secret(String(token), for: .invitation))
    }

    /// Sends what is due, and tells how each letter went.
    func sendLetters(after delay: Lifetime = .seconds(0)) async throws -> [MailFailure?] {
        let sending = try #require(gatehouse.sendInvitations)
        var outcomes: [MailFailure?] = []
        for letter in try await sending.claim(10, at: Self.start + delay) {
            outcomes.append(try await sending.send(letter, on: Self.occasion(after: delay)))
        }
        return outcomes
    }

    func resend(
        _ invitation: Invitation, after delay: Lifetime = .seconds(0)
    ) async throws -> AdministerInvitations.Change {
        try await invitations.resend(
            invitation.id, to: invitation.organizationID, for: .days(7), of: acme.id,
            on: Self.occasion(after: delay))
    }

    func revoke(
        _ invitation: Invitation, after delay: Lifetime = .seconds(0)
    ) async throws -> AdministerInvitations.Change {
        try await invitations.revoke(
            invitation.id, to: invitation.organizationID, of: acme.id,
            on: Self.occasion(after: delay))
    }

    func view(
        _ secret: Secret, in browser: Browser = Browser(secret: nil, session: nil),
        after delay: Lifetime = .seconds(0)
    ) async throws -> AnswerInvitation.View? {
        try await answer.view(
            secret, from: browser, at: acme, through: issuer, on: Self.occasion(after: delay))
    }

    func accept(
        _ secret: Secret, as signedIn: SignedIn, after delay: Lifetime = .seconds(0)
    ) async throws -> AnswerInvitation.Acceptance {
        try await answer.accept(
            .init(secret, in: signedIn.session.id), from: signedIn.browser, at: acme,
            through: issuer,
            on: Self.occasion(after: delay))
    }

    /// Has the address of kay count as theirs, and gives them a password, or not.
    func verifyKay(password: String? = nil, isVerified: Bool = true) async throws {
        let accepted = try password.map { try Password(setting: $0, context: []) }
        _ = try await gatehouse.users.update(
            kay.id, password: accepted, in: acme.id, on: Self.occasion()
        ) { $0.emailVerifiedAt = isVerified ? Self.start : nil }
    }

    /// Signs another user in, who has an address that counts as theirs.
    func signInOther(_ email: String) async throws -> SignedIn {
        var user = User(
            name: nil, email: EmailAddress(parsing: email), username: nil, passwordHash: nil,
            at: Self.start)
        user.emailVerifiedAt = Self.start
        let session = Session(of: user.id, by: [.password], at: Self.start)
        let cookie = Secret(for: .session)
        try await records { [user] records in
            _ = try records.users.insert(user)
            try records.sessions.insert(session, digest: cookie.digest)
        }
        return SignedIn(
            session: session, browser: Browser(secret: Secret(for: .browser), session: cookie))
    }
}

extension AdministerInvitations.Change {
    var kind: String { String("\(self)".prefix { $0.isLetter }) }
}

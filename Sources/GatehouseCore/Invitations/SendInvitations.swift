private import GatehouseProtocol
package import GatehouseSQL

/// Sends the letters of invitations.
///
/// A letter is claimed before it is sent, and a claim ends by itself: so no two nodes try at the same
/// time, and what a dead node had claimed is tried again. Its secret is made when it is claimed, and
/// stands nowhere but in the letter: one that is sent once more has another, and the one before works
/// no more.
package struct SendInvitations: Sendable {
    let database: any Database
    let relay: any MailRelay

    package init(database: any Database, relay: any MailRelay) {
        self.database = database
        self.relay = relay
    }

    /// A letter on its way.
    package struct Claimed: Sendable {
        let tenant: Tenant
        let organization: String
        let invitation: Invitation
        let letter: InvitationLetter
        let secret: Secret
    }

    /// How many letters wait to be sent.
    package static func waiting(in database: any Database, at now: Timestamp) async throws -> Int {
        try await database.read { try $0.dueLetters(1, at: now).count }
    }

    /// Claims letters that are due, at most so many.
    package func claim(_ limit: Int, at now: Timestamp) async throws -> [Claimed] {
        let due = try await database.read { try $0.dueLetters(limit, at: now) }
        guard !due.isEmpty else { return [] }
        return try await database.write { transaction in
            try due.filter { claimed in
                try transaction.records(of: claimed.tenant.id).invitations.claimLetter(
                    of: claimed.invitation, claimed.letter, bringing: claimed.secret.digest,
                    at: now)
            }
        }
    }

    /// Sends a letter that was claimed, and records how it went.
    ///
    /// - Returns: Why the relay did not take it; nil if it did.
    package func send(_ claimed: Claimed, on occasion: Occasion) async throws -> MailFailure? {
        var failure: MailFailure?
        do throws(MailFailure) {
            try await relay.send(claimed.mail(at: occasion.now))
        } catch {
            failure = error
        }
        try await record(failure, of: claimed, on: occasion)
        return failure
    }

    private func record(
        _ failure: MailFailure?, of claimed: Claimed, on occasion: Occasion
    ) async throws {
        let letter = claimed.letter.tried(failure, at: occasion.now)
        try await database.write { transaction in
            let records = transaction.records(of: claimed.tenant.id)
            guard
                try records.invitations.record(
                    letter, of: claimed.invitation.id, bringing: claimed.secret.digest)
            else { return }
            var detail: [(name: StaticString, value: String)] = [
                ("organization", claimed.invitation.organizationID.text),
                ("attempts", String(letter.attempts)),
            ]
            if let failure {
                detail += [
                    ("reason", failure.rawValue), ("retry", letter.dueAt == nil ? "no" : "yes"),
                ]
            }
            try records.events.append(
                Event(
                    failure == nil ? .invitationSent : .invitationLetterFailed, by: .system,
                    of: claimed.invitation.id.text, detail: detail),
                on: occasion)
        }
    }
}

extension SendInvitations.Claimed {
    /// What the letter says.
    ///
    /// It has one link, and does not say which rights there are: it may be read by others.
    fileprivate func mail(at now: Timestamp) -> Mail {
        let invites =
            invitation.inviter.map { "\($0.text) invites you" } ?? "You are invited"
        let address = invitation.issuer.url(Endpoint.invitation.path)
        return Mail(
            "\(invitation.id.text).\(letter.attempts)", to: invitation.email, from: tenant.name,
            subject: "\(invites) to join \(organization)",
            text: """
                Hello,

                \(invites) to join \(organization) at \(tenant.name).

                Open this page to answer:

                \(address)?\(ParameterName.invitationToken.text)=\(secret.revealed)

                The invitation is for \(invitation.email.text). It works once, until \
                \(invitation.expiresAt.letterTime).

                If you did not expect it, do nothing: nobody joins unless you open the page and \
                confirm. Do not pass the link on.

                """,
            at: now)
    }
}

extension Transaction {
    /// Letters that are due, the longest-waiting first, each with a secret of its own.
    ///
    /// Those of an organization or a tenant in which nobody acts wait until somebody does.
    fileprivate func dueLetters(
        _ limit: Int, at now: Timestamp
    ) throws -> [SendInvitations.Claimed] {
        // Every tenant: one worker sends for all, each with what its own tenant has to send.
        let due = try rows(
            """
            SELECT \(InvitationRecords.columns), i.tenant_id, o.name AS organization_name
            FROM invitation AS i
            JOIN tenant AS t ON t.tenant_id = i.tenant_id AND t.disabled_at IS NULL
            JOIN organization AS o
                ON o.tenant_id = i.tenant_id AND o.id = i.organization_id
                    AND \(OrganizationRecords.isActive)
            WHERE i.letter_due_at <= \(now) AND i.expires_at > \(now)
            ORDER BY i.letter_due_at LIMIT \(limit)
            """)
        return try due.compactMap { row in
            guard let tenant = try tenants.find(Tenant.ID(stored: try row.text("tenant_id")))
            else { return nil }
            let invitation = try Invitation(row)
            return SendInvitations.Claimed(
                tenant: tenant, organization: try row.text("organization_name"),
                invitation: invitation, letter: invitation.letter.claimed(at: now),
                secret: Secret(for: .invitation))
        }
    }
}

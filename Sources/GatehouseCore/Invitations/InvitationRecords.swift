import GatehouseProtocol
import GatehouseSQL

/// The invitations of one tenant.
package struct InvitationRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    /// The columns of an invitation, in a statement that calls the table `i`.
    static let columns: SQL = """
        i.id, i.organization_id, i.email, i.inviter, i.title, i.scopes, i.roles, i.issuer,
        i.created_at, i.expires_at, i.accepted_at, i.accepted_by, i.revoked_at, i.letter_due_at,
        i.letter_attempts, i.letter_sent_at
        """

    package func find(
        _ id: Invitation.ID, to organization: Organization.ID
    ) throws -> Invitation? {
        try transaction.row(
            """
            SELECT \(Self.columns) FROM invitation AS i
            WHERE i.tenant_id = \(tenantID) AND i.id = \(id)
                AND i.organization_id = \(organization)
            """
        ).map(Invitation.init)
    }

    /// The invitation that a letter brought.
    package func find(_ secret: SecretDigest) throws -> Invitation? {
        try transaction.row(
            """
            SELECT \(Self.columns) FROM invitation AS i
            WHERE i.tenant_id = \(tenantID) AND i.secret_digest = \(secret)
            """
        ).map(Invitation.init)
    }

    /// The invitations to an organization after one of them, oldest first.
    package func list(
        to organization: Organization.ID, after id: Invitation.ID?, limit: Int
    ) throws -> [Invitation] {
        try transaction.rows(
            """
            SELECT \(Self.columns) FROM invitation AS i
            WHERE i.tenant_id = \(tenantID) AND i.organization_id = \(organization)
                AND i.id > \(id?.text ?? "")
            ORDER BY i.id LIMIT \(limit)
            """
        ).map(Invitation.init)
    }

    func count(to organization: Organization.ID) throws -> Int64 {
        try transaction.row(
            """
            SELECT count(*) AS n FROM invitation
            WHERE tenant_id = \(tenantID) AND organization_id = \(organization)
            """
        )?.integer("n") ?? 0
    }

    // MARK: Changes

    /// Adds an invitation; false if the address has one to the organization that waits for an answer.
    ///
    /// One that has expired makes room.
    func insert(_ invitation: Invitation) throws -> Bool {
        try transaction.execute(
            """
            DELETE FROM invitation
            WHERE tenant_id = \(tenantID) AND organization_id = \(invitation.organizationID)
                AND email_key = \(invitation.email.key) AND accepted_at IS NULL
                AND revoked_at IS NULL AND expires_at <= \(invitation.createdAt)
            """)
        return try transaction.execute(
            """
            INSERT INTO invitation (tenant_id, id, organization_id, email, email_key, inviter,
                title, scopes, roles, issuer, created_at, expires_at, letter_due_at,
                letter_attempts)
            VALUES (\(tenantID), \(invitation.id), \(invitation.organizationID),
                \(invitation.email.text), \(invitation.email.key), \(invitation.inviter?.text),
                \(invitation.title?.text), \(invitation.scopes.stored),
                \(invitation.storedRoles), \(invitation.issuer.text), \(invitation.createdAt),
                \(invitation.expiresAt), \(invitation.letter.dueAt), 0)
            ON CONFLICT DO NOTHING
            """) == 1
    }

    /// Has another letter sent, and makes the secret of the one before worthless; false if there is
    /// nothing to accept any more.
    func renew(_ invitation: Invitation) throws -> Bool {
        try transaction.execute(
            """
            UPDATE invitation SET expires_at = \(invitation.expiresAt), secret_digest = NULL,
                letter_due_at = \(invitation.letter.dueAt), letter_attempts = 0,
                letter_sent_at = NULL
            WHERE tenant_id = \(tenantID) AND id = \(invitation.id) AND accepted_at IS NULL
                AND revoked_at IS NULL
            """) == 1
    }

    /// Takes an invitation back; false if there is nothing to accept any more.
    func revoke(_ id: Invitation.ID, at now: Timestamp) throws -> Bool {
        try transaction.execute(
            """
            UPDATE invitation SET revoked_at = \(now), letter_due_at = NULL
            WHERE tenant_id = \(tenantID) AND id = \(id) AND accepted_at IS NULL
                AND revoked_at IS NULL AND expires_at > \(now)
            """) == 1
    }

    /// Accepts an invitation.
    ///
    /// True for exactly one of those who bring its secret, and only in its time.
    func claim(_ secret: SecretDigest, by user: User.ID, at now: Timestamp) throws -> Bool {
        try transaction.execute(
            """
            UPDATE invitation SET accepted_at = \(now), accepted_by = \(user), letter_due_at = NULL
            WHERE tenant_id = \(tenantID) AND secret_digest = \(secret) AND accepted_at IS NULL
                AND revoked_at IS NULL AND expires_at > \(now)
            """) == 1
    }

    // MARK: Letters

    /// Takes a letter that is due, and gives it a secret; false if another node was faster.
    func claimLetter(
        of invitation: Invitation, _ letter: InvitationLetter, bringing secret: SecretDigest,
        at now: Timestamp
    ) throws -> Bool {
        try transaction.execute(
            """
            UPDATE invitation SET secret_digest = \(secret), letter_due_at = \(letter.dueAt),
                letter_attempts = \(letter.attempts)
            WHERE tenant_id = \(tenantID) AND id = \(invitation.id)
                AND letter_due_at = \(invitation.letter.dueAt)
                AND letter_attempts = \(invitation.letter.attempts)
                AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > \(now)
            """) == 1
    }

    /// Records how sending a letter went; false if it is not the last one any more.
    func record(
        _ letter: InvitationLetter, of id: Invitation.ID, bringing secret: SecretDigest
    ) throws -> Bool {
        try transaction.execute(
            """
            UPDATE invitation SET letter_due_at = \(letter.dueAt),
                letter_sent_at = \(letter.sentAt)
            WHERE tenant_id = \(tenantID) AND id = \(id) AND secret_digest = \(secret)
                AND accepted_at IS NULL AND revoked_at IS NULL
            """) == 1
    }
}

extension TenantRecords {
    package var invitations: InvitationRecords {
        InvitationRecords(tenantID: tenantID, transaction: transaction)
    }
}

import GatehouseSQL

extension Schema {
    /// Who is invited to organizations, and the letters that say so.
    static let invitations: [SQL] = [
        """
        CREATE TABLE invitation (
            tenant_id \(type: .id) NOT NULL,
            id \(type: .id) NOT NULL,
            organization_id \(type: .id) NOT NULL,
            email \(type: .text) NOT NULL,
            email_key \(type: .text) NOT NULL,
            inviter \(type: .text),
            title \(type: .text),
            scopes \(type: .text) NOT NULL,
            roles \(type: .text) NOT NULL,
            issuer \(type: .text) NOT NULL,
            created_at \(type: .timestamp) NOT NULL,
            expires_at \(type: .timestamp) NOT NULL,
            accepted_at \(type: .timestamp),
            accepted_by \(type: .id),
            revoked_at \(type: .timestamp),
            secret_digest \(type: .bytes),
            letter_due_at \(type: .timestamp),
            letter_attempts \(type: .integer) NOT NULL,
            letter_sent_at \(type: .timestamp),
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, organization_id) REFERENCES organization (tenant_id, id)
                ON DELETE CASCADE
        )\(type: .endOfTable)
        """,
        """
        CREATE UNIQUE INDEX invitation_by_address
            ON invitation (tenant_id, organization_id, email_key)
            WHERE accepted_at IS NULL AND revoked_at IS NULL
        """,
        """
        CREATE UNIQUE INDEX invitation_by_secret ON invitation (tenant_id, secret_digest)
        """,
        """
        CREATE INDEX invitation_by_organization ON invitation (tenant_id, organization_id, id)
        """,
        """
        CREATE INDEX invitation_by_expiry ON invitation (expires_at)
        """,
        """
        CREATE INDEX invitation_by_letter ON invitation (letter_due_at)
        """,
    ]
}

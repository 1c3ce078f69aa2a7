import GatehouseSQL

extension Schema {
    /// Which client may exchange which tokens for which.
    static let exchangePolicies: [SQL] = [
        """
        CREATE TABLE exchange_policy (
            tenant_id \(type: .id) NOT NULL,
            id \(type: .id) NOT NULL,
            client_id \(type: .id) NOT NULL,
            rule \(type: .text) NOT NULL,
            created_at \(type: .timestamp) NOT NULL,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, client_id) REFERENCES client (tenant_id, id) ON DELETE CASCADE
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX exchange_policy_by_client ON exchange_policy (tenant_id, client_id)
        """,
    ]

    /// Other issuers whose assertions are accepted, whom these are about here, and which were used.
    static let trustedIssuers: [SQL] = [
        """
        CREATE TABLE trusted_issuer (
            tenant_id \(type: .id) NOT NULL,
            id \(type: .id) NOT NULL,
            issuer \(type: .text) NOT NULL,
            terms \(type: .text) NOT NULL,
            created_at \(type: .timestamp) NOT NULL,
            updated_at \(type: .timestamp) NOT NULL,
            disabled_at \(type: .timestamp),
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, issuer),
            FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id)
        )\(type: .endOfTable)
        """,
        """
        CREATE TABLE trusted_subject (
            tenant_id \(type: .id) NOT NULL,
            trusted_issuer_id \(type: .id) NOT NULL,
            subject \(type: .text) NOT NULL,
            user_id \(type: .id) NOT NULL,
            created_at \(type: .timestamp) NOT NULL,
            PRIMARY KEY (tenant_id, trusted_issuer_id, subject),
            FOREIGN KEY (tenant_id, trusted_issuer_id) REFERENCES trusted_issuer (tenant_id, id)
                ON DELETE CASCADE,
            FOREIGN KEY (tenant_id, user_id) REFERENCES user_account (tenant_id, id)
                ON DELETE CASCADE
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX trusted_subject_by_user ON trusted_subject (tenant_id, user_id)
        """,
        """
        CREATE TABLE grant_assertion (
            tenant_id \(type: .id) NOT NULL,
            digest \(type: .bytes) NOT NULL,
            expires_at \(type: .timestamp) NOT NULL,
            reused_at \(type: .timestamp),
            PRIMARY KEY (tenant_id, digest)
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX grant_assertion_by_expiry ON grant_assertion (expires_at)
        """,
    ]
}

extension Schema {
    /// What clients ask of people who are elsewhere, and how far it got.
    static let backchannel: [SQL] = [
        """
        CREATE TABLE backchannel_authentication (
            tenant_id \(type: .id) NOT NULL,
            id \(type: .id) NOT NULL,
            client_id \(type: .id) NOT NULL,
            user_id \(type: .id) NOT NULL,
            issuer \(type: .text) NOT NULL,
            scope \(type: .text) NOT NULL,
            binding_message \(type: .text),
            created_at \(type: .timestamp) NOT NULL,
            expires_at \(type: .timestamp) NOT NULL,
            poll_interval \(type: .integer) NOT NULL,
            polled_at \(type: .timestamp),
            decided_at \(type: .timestamp),
            grant_id \(type: .id),
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, client_id) REFERENCES client (tenant_id, id) ON DELETE CASCADE,
            FOREIGN KEY (tenant_id, user_id) REFERENCES user_account (tenant_id, id)
                ON DELETE CASCADE
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX backchannel_authentication_by_user
            ON backchannel_authentication (tenant_id, user_id)
        """,
        """
        CREATE INDEX backchannel_authentication_by_expiry
            ON backchannel_authentication (expires_at)
        """,
    ]
}

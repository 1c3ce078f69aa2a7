import GatehouseSQL

extension Schema {
    /// The mail domains of organizations, who left them, how long a sign-in does there, and who signed
    /// in through one.
    static let organizationDomains: [SQL] = [
        """
        CREATE TABLE organization_domain (
            tenant_id \(type: .id) NOT NULL,
            organization_id \(type: .id) NOT NULL,
            host \(type: .text) NOT NULL,
            proof \(type: .text) NOT NULL,
            created_at \(type: .timestamp) NOT NULL,
            verified_at \(type: .timestamp),
            checked_at \(type: .timestamp),
            missing_since \(type: .timestamp),
            joins \(type: .integer) NOT NULL,
            roles \(type: .text) NOT NULL,
            required \(type: .integer) NOT NULL,
            PRIMARY KEY (tenant_id, organization_id, host),
            FOREIGN KEY (tenant_id, organization_id) REFERENCES organization (tenant_id, id)
                ON DELETE CASCADE
        )\(type: .endOfTable)
        """,
        // Any organization may claim a domain; one at a time in a tenant has it.
        """
        CREATE UNIQUE INDEX organization_domain_in_use ON organization_domain (tenant_id, host)
        WHERE verified_at IS NOT NULL
        """,
        """
        CREATE INDEX organization_domain_by_check ON organization_domain (checked_at)
        WHERE verified_at IS NOT NULL
        """,
        """
        CREATE TABLE organization_departure (
            tenant_id \(type: .id) NOT NULL,
            organization_id \(type: .id) NOT NULL,
            user_id \(type: .id) NOT NULL,
            departed_at \(type: .timestamp) NOT NULL,
            PRIMARY KEY (tenant_id, organization_id, user_id),
            FOREIGN KEY (tenant_id, organization_id) REFERENCES organization (tenant_id, id)
                ON DELETE CASCADE,
            FOREIGN KEY (tenant_id, user_id) REFERENCES user_account (tenant_id, id)
                ON DELETE CASCADE
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX organization_departure_by_user ON organization_departure (tenant_id, user_id)
        """,
        """
        ALTER TABLE organization ADD COLUMN session_length \(type: .integer)
        """,
        """
        ALTER TABLE browser_session ADD COLUMN through_organization_id \(type: .id)
        """,
        """
        ALTER TABLE authorization_grant ADD COLUMN through_organization_id \(type: .id)
        """,
    ]
}

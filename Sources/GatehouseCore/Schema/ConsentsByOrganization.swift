import GatehouseSQL

extension Schema {
    /// One consent for each application and organization, with its parts, and the grants that stand
    /// on it.
    ///
    /// What a person had allowed part by part becomes one consent, under the first of the ids.
    static let consentsByOrganization: [SQL] = [
        "CREATE TABLE former_consent AS SELECT * FROM consent",
        "DROP TABLE consent",
        """
        CREATE TABLE consent (
            tenant_id \(type: .id) NOT NULL,
            id \(type: .id) NOT NULL,
            user_id \(type: .id) NOT NULL,
            client_id \(type: .id) NOT NULL,
            organization_id \(type: .id) NOT NULL,
            created_at \(type: .timestamp) NOT NULL,
            updated_at \(type: .timestamp) NOT NULL,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, user_id, client_id, organization_id),
            FOREIGN KEY (tenant_id, user_id) REFERENCES user_account (tenant_id, id)
                ON DELETE CASCADE,
            FOREIGN KEY (tenant_id, client_id) REFERENCES client (tenant_id, id) ON DELETE CASCADE
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX consent_by_client ON consent (tenant_id, client_id)
        """,
        """
        CREATE INDEX consent_by_organization
            ON consent (tenant_id, organization_id)
        """,
        """
        CREATE TABLE consent_part (
            tenant_id \(type: .id) NOT NULL,
            consent_id \(type: .id) NOT NULL,
            resource \(type: .text) NOT NULL,
            scope \(type: .text) NOT NULL,
            PRIMARY KEY (tenant_id, consent_id, resource),
            FOREIGN KEY (tenant_id, consent_id) REFERENCES consent (tenant_id, id)
                ON DELETE CASCADE
        )\(type: .endOfTable)
        """,
        """
        INSERT INTO consent (tenant_id, id, user_id, client_id, organization_id, created_at,
            updated_at)
        SELECT tenant_id, MIN(id), user_id, client_id, '', MIN(created_at), MAX(updated_at)
        FROM former_consent GROUP BY tenant_id, user_id, client_id
        """,
        """
        INSERT INTO consent_part (tenant_id, consent_id, resource, scope)
        SELECT f.tenant_id, c.id, f.resource, f.scope FROM former_consent AS f
        JOIN consent AS c
            ON c.tenant_id = f.tenant_id AND c.user_id = f.user_id AND c.client_id = f.client_id
        """,
        "DROP TABLE former_consent",
        """
        ALTER TABLE authorization_grant ADD COLUMN consent_id \(type: .id)
        """,
        """
        UPDATE authorization_grant SET consent_id = (
            SELECT c.id FROM consent AS c
            WHERE c.tenant_id = authorization_grant.tenant_id
                AND c.user_id = authorization_grant.user_id
                AND c.client_id = authorization_grant.client_id)
        WHERE revoked_at IS NULL
        """,
        """
        ALTER TABLE organization ADD COLUMN publisher_name \(type: .text)
        """,
        """
        CREATE INDEX authorization_grant_by_consent
            ON authorization_grant (tenant_id, consent_id) WHERE consent_id IS NOT NULL
        """,
    ]
}

package import GatehouseSQL

/// The schema, as the ordered list of the steps that lead to it.
package enum Schema {
    package static let migrations = [
        Migration("0001-main-job", tenants + identities + access),
        Migration("0002-registry", registry),
        Migration("0003-limits", limits),
        Migration("0004-resources", resources),
        Migration("0005-client-assertions", clientAssertions),
        Migration("0006-requests", requests),
        Migration("0007-dpop", dpop),
        Migration("0008-device", deviceAuthorizations),
        Migration("0009-logout", logout),
        Migration("0010-registration", registration),
        Migration("0011-pairwise", pairwise),
        Migration("0012-grants", exchangePolicies + trustedIssuers + backchannel),
        Migration("0013-consent", consents),
        Migration("0014-addresses", addresses),
        Migration("0015-authorization-details", authorizationDetails),
        Migration("0017-ciba-ping", deliveries),
        Migration("0018-organizations", organizations),
        Migration("0019-logos", logos),
        Migration("0020-consents-by-organization", consentsByOrganization),
        Migration("0021-organization-groups", organizationGroups),
        Migration("0022-invitations", invitations),
        Migration("0023-changes", changes),
        Migration("0024-api-keys", apiKeys),
        Migration("0025-organization-domains", organizationDomains),
        Migration("0028-owners", organizationLogos + clientOwners),
        Migration("0029-administrators", administratorKeys + refusedRequests),
        Migration("0030-audit-trails", auditTrails),
        Migration("0031-memberships-by-user", membershipsByUser),
        Migration("0032-administrators", administrators),
        Migration(configurationName, configuration),
        Migration("0035-activity", activity),
        Migration("0036-branding", branding),
    ]

    /// The step from which on it is counted how much clients are used.
    static let configurationName = "0034-configuration"

    package static var migrator: Migrator { Migrator(migrations) }

    private static let tenants: [SQL] = [
        """
        CREATE TABLE instance (
            id \(type: .integer) NOT NULL PRIMARY KEY CHECK (id = 1),
            key_check \(type: .bytes) NOT NULL,
            base_url \(type: .text),
            created_at \(type: .timestamp) NOT NULL
        )\(type: .endOfTable)
        """,
        """
        CREATE TABLE lease (
            name \(type: .text) NOT NULL PRIMARY KEY,
            holder \(type: .text) NOT NULL,
            expires_at \(type: .timestamp) NOT NULL
        )\(type: .endOfTable)
        """,
        """
        CREATE TABLE tenant (
            tenant_id \(type: .id) NOT NULL PRIMARY KEY,
            slug \(type: .text) NOT NULL UNIQUE,
            name \(type: .text) NOT NULL,
            registration_open \(type: .integer) NOT NULL,
            explains_errors \(type: .integer) NOT NULL,
            created_at \(type: .timestamp) NOT NULL,
            disabled_at \(type: .timestamp)
        )\(type: .endOfTable)
        """,
        """
        CREATE TABLE event (
            tenant_id \(type: .id) NOT NULL,
            id \(type: .id) NOT NULL,
            kind \(type: .text) NOT NULL,
            actor \(type: .text) NOT NULL,
            subject \(type: .text),
            occurred_at \(type: .timestamp) NOT NULL,
            request_id \(type: .text) NOT NULL,
            address \(type: .text),
            detail \(type: .text) NOT NULL,
            PRIMARY KEY (tenant_id, id)
        )\(type: .endOfTable)
        """,
        """
        CREATE TABLE signing_key (
            tenant_id \(type: .id) NOT NULL,
            id \(type: .text) NOT NULL,
            algorithm \(type: .text) NOT NULL,
            public_key \(type: .text) NOT NULL,
            sealed_key \(type: .bytes) NOT NULL,
            created_at \(type: .timestamp) NOT NULL,
            activates_at \(type: .timestamp) NOT NULL,
            retires_at \(type: .timestamp),
            removed_at \(type: .timestamp),
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id)
        )\(type: .endOfTable)
        """,
    ]

    private static let identities: [SQL] = [
        """
        CREATE TABLE user_account (
            tenant_id \(type: .id) NOT NULL,
            id \(type: .id) NOT NULL,
            name \(type: .text),
            email \(type: .text),
            email_key \(type: .text),
            email_verified_at \(type: .timestamp),
            username \(type: .text),
            username_key \(type: .text),
            password_hash \(type: .text),
            created_at \(type: .timestamp) NOT NULL,
            updated_at \(type: .timestamp) NOT NULL,
            disabled_at \(type: .timestamp),
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, email_key),
            UNIQUE (tenant_id, username_key),
            FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id)
        )\(type: .endOfTable)
        """,
        """
        CREATE TABLE client (
            tenant_id \(type: .id) NOT NULL,
            id \(type: .id) NOT NULL,
            name \(type: .text) NOT NULL,
            kind \(type: .text) NOT NULL,
            redirect_uris \(type: .text) NOT NULL,
            post_logout_redirect_uris \(type: .text) NOT NULL,
            scope \(type: .text) NOT NULL,
            policies \(type: .text) NOT NULL,
            created_at \(type: .timestamp) NOT NULL,
            updated_at \(type: .timestamp) NOT NULL,
            disabled_at \(type: .timestamp),
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id)
        )\(type: .endOfTable)
        """,
        """
        CREATE TABLE client_secret (
            tenant_id \(type: .id) NOT NULL,
            id \(type: .id) NOT NULL,
            client_id \(type: .id) NOT NULL,
            digest \(type: .bytes) NOT NULL,
            created_at \(type: .timestamp) NOT NULL,
            last_used_at \(type: .timestamp),
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, client_id, digest),
            FOREIGN KEY (tenant_id, client_id) REFERENCES client (tenant_id, id) ON DELETE CASCADE
        )\(type: .endOfTable)
        """,
        """
        CREATE TABLE browser_session (
            tenant_id \(type: .id) NOT NULL,
            id \(type: .id) NOT NULL,
            digest \(type: .bytes) NOT NULL,
            user_id \(type: .id) NOT NULL,
            authenticated_at \(type: .timestamp) NOT NULL,
            authentication_methods \(type: .text) NOT NULL,
            created_at \(type: .timestamp) NOT NULL,
            last_seen_at \(type: .timestamp) NOT NULL,
            expires_at \(type: .timestamp) NOT NULL,
            ended_at \(type: .timestamp),
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, digest),
            FOREIGN KEY (tenant_id, user_id) REFERENCES user_account (tenant_id, id)
                ON DELETE CASCADE
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX browser_session_by_user ON browser_session (tenant_id, user_id)
        """,
        """
        CREATE INDEX browser_session_by_expiry ON browser_session (expires_at)
        """,
    ]

    /// How nodes learn what to read again; see ``Registry``.
    private static let registry: [SQL] = [
        """
        ALTER TABLE instance ADD COLUMN epoch \(type: .integer) NOT NULL DEFAULT 0
        """,
        """
        CREATE TABLE tenant_change (
            tenant_id \(type: .id) NOT NULL PRIMARY KEY,
            epoch \(type: .integer) NOT NULL
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX tenant_change_by_epoch ON tenant_change (epoch)
        """,
    ]

    private static let access: [SQL] = [
        """
        CREATE TABLE interaction (
            tenant_id \(type: .id) NOT NULL,
            id \(type: .id) NOT NULL,
            browser_digest \(type: .bytes) NOT NULL,
            client_id \(type: .id) NOT NULL,
            request \(type: .text) NOT NULL,
            created_at \(type: .timestamp) NOT NULL,
            expires_at \(type: .timestamp) NOT NULL,
            account_chosen_at \(type: .timestamp),
            finished_at \(type: .timestamp),
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, client_id) REFERENCES client (tenant_id, id) ON DELETE CASCADE
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX interaction_by_expiry ON interaction (expires_at)
        """,
        """
        CREATE TABLE authorization_grant (
            tenant_id \(type: .id) NOT NULL,
            id \(type: .id) NOT NULL,
            client_id \(type: .id) NOT NULL,
            user_id \(type: .id) NOT NULL,
            session_id \(type: .id) NOT NULL,
            issuer \(type: .text) NOT NULL,
            scope \(type: .text) NOT NULL,
            audience \(type: .text) NOT NULL,
            offline \(type: .integer) NOT NULL,
            authenticated_at \(type: .timestamp) NOT NULL,
            authentication_methods \(type: .text) NOT NULL,
            created_at \(type: .timestamp) NOT NULL,
            last_used_at \(type: .timestamp) NOT NULL,
            expires_at \(type: .timestamp) NOT NULL,
            revoked_at \(type: .timestamp),
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, client_id) REFERENCES client (tenant_id, id) ON DELETE CASCADE,
            FOREIGN KEY (tenant_id, user_id) REFERENCES user_account (tenant_id, id)
                ON DELETE CASCADE
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX authorization_grant_by_user ON authorization_grant (tenant_id, user_id)
        """,
        """
        CREATE INDEX authorization_grant_by_session ON authorization_grant (tenant_id, session_id)
        """,
        """
        CREATE INDEX authorization_grant_by_client ON authorization_grant (tenant_id, client_id)
        """,
        """
        CREATE INDEX authorization_grant_by_expiry ON authorization_grant (expires_at)
        """,
        """
        CREATE TABLE one_time_secret (
            tenant_id \(type: .id) NOT NULL,
            purpose \(type: .text) NOT NULL,
            digest \(type: .bytes) NOT NULL,
            client_id \(type: .id),
            user_id \(type: .id),
            grant_id \(type: .id),
            payload \(type: .text) NOT NULL,
            created_at \(type: .timestamp) NOT NULL,
            expires_at \(type: .timestamp) NOT NULL,
            consumed_at \(type: .timestamp),
            PRIMARY KEY (tenant_id, purpose, digest)
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX one_time_secret_by_expiry ON one_time_secret (expires_at)
        """,
        """
        CREATE TABLE refresh_token (
            tenant_id \(type: .id) NOT NULL,
            digest \(type: .bytes) NOT NULL,
            grant_id \(type: .id) NOT NULL,
            created_at \(type: .timestamp) NOT NULL,
            expires_at \(type: .timestamp) NOT NULL,
            consumed_at \(type: .timestamp),
            PRIMARY KEY (tenant_id, digest),
            FOREIGN KEY (tenant_id, grant_id) REFERENCES authorization_grant (tenant_id, id)
                ON DELETE CASCADE
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX refresh_token_by_grant ON refresh_token (tenant_id, grant_id)
        """,
        """
        CREATE INDEX refresh_token_by_expiry ON refresh_token (expires_at)
        """,
        """
        CREATE TABLE revoked_access_token (
            tenant_id \(type: .id) NOT NULL,
            id \(type: .text) NOT NULL,
            expires_at \(type: .timestamp) NOT NULL,
            PRIMARY KEY (tenant_id, id)
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX revoked_access_token_by_expiry ON revoked_access_token (expires_at)
        """,
    ]
}

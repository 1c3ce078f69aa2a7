private import GatehouseProtocol
package import GatehouseSQL

/// All tenants: the one place where a record is found without naming a tenant first.
package struct TenantDirectory {
    let transaction: Transaction

    private static let columns: SQL = """
        tenant_id, slug, name, registration_open, explains_errors, primary_host, allowed_origins,
        created_at, disabled_at, registration_policy, branding, logos
        """

    package func find(_ slug: Slug) throws -> Tenant? {
        try transaction.row("SELECT \(Self.columns) FROM tenant WHERE slug = \(slug)")
            .map(Tenant.init)
    }

    package func find(_ id: Tenant.ID) throws -> Tenant? {
        try transaction.row("SELECT \(Self.columns) FROM tenant WHERE tenant_id = \(id)")
            .map(Tenant.init)
    }

    /// Some tenants after a slug, but never the installation's own.
    func list(after slug: Slug?, limit: Int) throws -> [Tenant] {
        try transaction.rows(
            """
            SELECT \(Self.columns) FROM tenant
            WHERE tenant_id <> \(Tenant.instance) AND slug > \(slug?.text ?? "")
            ORDER BY slug LIMIT \(limit)
            """
        ).map(Tenant.init)
    }

    /// Every tenant but the installation's own, by slug.
    package func all() throws -> [Tenant] {
        try transaction.rows(
            """
            SELECT \(Self.columns) FROM tenant WHERE tenant_id <> \(Tenant.instance) ORDER BY slug
            """
        ).map(Tenant.init)
    }

    /// Adds a tenant.
    ///
    /// False if its slug is taken.
    package func insert(_ tenant: Tenant) throws -> Bool {
        try transaction.noteChange(of: tenant.id)
        return try transaction.execute(
            """
            INSERT INTO tenant (tenant_id, slug, name, registration_open, explains_errors,
                created_at, disabled_at, registration_policy)
            VALUES (\(tenant.id), \(tenant.slug), \(tenant.name),
                \(tenant.registrationIsOpen ? 1 : 0), \(tenant.explainsErrors ? 1 : 0),
                \(tenant.createdAt), \(tenant.disabledAt), \(tenant.registrationPolicy.stored))
            ON CONFLICT (slug) DO NOTHING
            """) == 1
    }

    /// Holds a tenant's row until the transaction ends, so that what is read next stays true while
    /// it is changed.
    ///
    /// False if there is no such tenant.
    package func hold(_ slug: Slug) throws -> Bool {
        // The row is the tenant itself: its slug is as unique as its id.
        try transaction.execute("UPDATE tenant SET slug = slug WHERE slug = \(slug)") == 1
    }

    /// Writes what may change of a tenant.
    package func update(_ tenant: Tenant) throws {
        try transaction.noteChange(of: tenant.id)
        try transaction.execute(
            """
            UPDATE tenant SET name = \(tenant.name),
                registration_open = \(tenant.registrationIsOpen ? 1 : 0),
                explains_errors = \(tenant.explainsErrors ? 1 : 0),
                primary_host = \(tenant.primaryHost?.text),
                allowed_origins = \(tenant.storedOrigins), disabled_at = \(tenant.disabledAt),
                registration_policy = \(tenant.registrationPolicy.stored),
                branding = \(tenant.branding.stored), logos = \(tenant.logos?.stored)
            WHERE tenant_id = \(tenant.id)
            """)
    }

    /// Deletes a tenant and, row by row, all that it holds but its events.
    package func delete(_ id: Tenant.ID) throws {
        try transaction.noteChange(of: id)
        try transaction.execute("DELETE FROM tenant_domain WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM refused_request WHERE tenant_id = \(id)")
        try forgetAdministrators(of: id)
        try forgetConfiguration(of: id)
        try transaction.execute("DELETE FROM api_key WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM membership_role WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM membership WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM organization_role WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM organization WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM one_time_secret WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM device_authorization WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM attempt_counter WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM tenant_limit WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM known_device WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM opaque_access_token WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM resource WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM dpop_proof WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM revoked_access_token WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM refresh_token WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM authorization_grant WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM interaction WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM session_client WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM delivery WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM browser_session WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM client_assertion WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM initial_access_token WHERE tenant_id = \(id)")
        try transaction.execute(
            "DELETE FROM backchannel_authentication WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM exchange_policy WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM grant_assertion WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM trusted_subject WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM trusted_issuer WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM client_secret WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM client WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM user_account WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM signing_key WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM tenant_secret WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM access_change WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM tenant WHERE tenant_id = \(id)")
    }

    private func forgetAdministrators(of id: Tenant.ID) throws {
        try transaction.execute("DELETE FROM administrator WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM administrator_key WHERE tenant_id = \(id)")
    }

    /// Deletes what is known of the configuration of a tenant, and of how much it is used.
    private func forgetConfiguration(of id: Tenant.ID) throws {
        try transaction.execute("DELETE FROM configuration_mark WHERE tenant_id = \(id)")
        try transaction.execute("DELETE FROM client_use WHERE tenant_id = \(id)")
    }
}

extension Tenant {
    /// The origins as they are kept: an origin has no space in it.
    fileprivate var storedOrigins: String? {
        allowedOrigins.isEmpty ? nil : allowedOrigins.map(\.text).joined(separator: " ")
    }
}

extension Transaction {
    package var tenants: TenantDirectory { TenantDirectory(transaction: self) }

    /// The records of one tenant.
    ///
    /// There is no other way to reach a record.
    package func records(of tenantID: Tenant.ID) -> TenantRecords {
        TenantRecords(tenantID: tenantID, transaction: self)
    }
}

/// The records of one tenant.
package struct TenantRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    package var clientAssertions: ClientAssertionRecords {
        .init(tenantID: tenantID, transaction: transaction)
    }
    package var clients: ClientRecords { .init(tenantID: tenantID, transaction: transaction) }
    package var consents: ConsentRecords { .init(tenantID: tenantID, transaction: transaction) }
    package var deviceAuthorizations: DecisionRecords<DeviceAuthorization> {
        decisions(on: DeviceAuthorization.self)
    }
    package var domains: TenantDomainRecords {
        .init(tenantID: tenantID, transaction: transaction)
    }
    package var events: EventRecords { .init(tenantID: tenantID, transaction: transaction) }
    package var grants: GrantRecords { .init(tenantID: tenantID, transaction: transaction) }
    package var interactions: InteractionRecords {
        .init(tenantID: tenantID, transaction: transaction)
    }
    package var oneTimeSecrets: OneTimeSecretRecords {
        .init(tenantID: tenantID, transaction: transaction)
    }
    package var opaqueAccessTokens: OpaqueAccessTokenRecords {
        .init(tenantID: tenantID, transaction: transaction)
    }
    package var refreshTokens: RefreshTokenRecords {
        .init(tenantID: tenantID, transaction: transaction)
    }
    package var resources: ResourceRecords { .init(tenantID: tenantID, transaction: transaction) }
    package var revokedAccessTokens: RevokedAccessTokenRecords {
        .init(tenantID: tenantID, transaction: transaction)
    }
    package var sessions: SessionRecords { .init(tenantID: tenantID, transaction: transaction) }
    package var signingKeys: SigningKeyRecords {
        .init(tenantID: tenantID, transaction: transaction)
    }
    package var users: UserRecords { .init(tenantID: tenantID, transaction: transaction) }
    var pairwiseSecrets: PairwiseSecretRecords {
        .init(tenantID: tenantID, transaction: transaction)
    }
}

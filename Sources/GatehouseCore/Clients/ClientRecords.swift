private import GatehouseEncoding
private import GatehouseJOSE
private import GatehouseProtocol
import GatehouseSQL

/// The clients of one tenant and their secrets.
package struct ClientRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    private static let columns: SQL = """
        id, name, kind, redirect_uris, post_logout_redirect_uris, scope, policies, created_at,
        updated_at, disabled_at, authentication, registration, logos,
        CASE WHEN \(hasActiveOwner) THEN 1 ELSE 0 END AS has_active_owner
        """

    /// True of a client, called `c`, that is no organization's, or that of one in which people act.
    static let hasActiveOwner: SQL = """
        (c.organization_id IS NULL OR EXISTS (
            SELECT 1 FROM organization AS o
            WHERE o.tenant_id = c.tenant_id AND o.id = c.organization_id
                AND \(OrganizationRecords.isActive)))
        """

    package func find(_ id: Client.ID) throws -> Client? {
        try transaction.row(
            "SELECT \(Self.columns) FROM client AS c WHERE tenant_id = \(tenantID) AND id = \(id)"
        ).map(Client.init)
    }

    /// Every client, oldest first.
    package func all() throws -> [Client] { try all("ORDER BY id") }

    /// Some clients after one of them, oldest first.
    func list(after id: Client.ID?, limit: Int) throws -> [Client] {
        try all("AND id > \(id?.text ?? "") ORDER BY id LIMIT \(limit)")
    }

    /// The clients of which something is true.
    func all(_ those: SQL) throws -> [Client] {
        try transaction.rows(
            "SELECT \(Self.columns) FROM client AS c WHERE tenant_id = \(tenantID) \(those)"
        ).map(Client.init)
    }

    /// The oldest live client to which people sign in; none of an organization in which nobody acts.
    func findAnyLive() throws -> Client? {
        try transaction.row(
            """
            SELECT \(Self.columns) FROM client AS c
            WHERE tenant_id = \(tenantID) AND disabled_at IS NULL
                AND kind <> \(Client.Kind.machine.rawValue) AND \(Self.hasActiveOwner)
            ORDER BY id LIMIT 1
            """
        ).map(Client.init)
    }

    /// The live clients that run in browsers.
    package func allInBrowsers() throws -> [Client] {
        try all("AND kind = \(Client.Kind.spa.rawValue) AND disabled_at IS NULL ORDER BY id")
    }

    /// The clients that got something in a session.
    package func all(ofSession session: Session.ID) throws -> [Client] {
        try transaction.rows(
            """
            SELECT \(Self.columns) FROM client AS c
            WHERE tenant_id = \(tenantID) AND id IN (
                SELECT client_id FROM authorization_grant
                WHERE tenant_id = \(tenantID) AND session_id = \(session))
            ORDER BY id
            """
        ).map(Client.init)
    }

    /// The clients that a user allowed something.
    func all(allowedBy user: User.ID) throws -> [Client] {
        try all(
            """
            AND id IN (SELECT client_id FROM consent
                WHERE tenant_id = \(tenantID) AND user_id = \(user))
            """)
    }

    /// The clients that belong to an organization.
    func all(ownedBy organization: Organization.ID) throws -> [Client.ID] {
        try transaction.rows(
            """
            SELECT id FROM client
            WHERE tenant_id = \(tenantID) AND organization_id = \(organization) ORDER BY id
            """
        ).map { Client.ID(stored: try $0.text("id")) }
    }

    package func count() throws -> Int64 {
        try transaction.row("SELECT count(*) AS n FROM client WHERE tenant_id = \(tenantID)")?
            .integer("n") ?? 0
    }

    package func insert(_ client: Client) throws {
        try transaction.noteChange(of: tenantID)
        try transaction.execute(
            """
            INSERT INTO client (tenant_id, id, name, kind, redirect_uris,
                post_logout_redirect_uris, scope, policies, created_at, updated_at, disabled_at,
                authentication, registration, logos, organization_id)
            VALUES (\(tenantID), \(client.id), \(client.name.text), \(client.kind.rawValue),
                \(client.redirectURIs.stored), \(client.postLogoutRedirectURIs.stored),
                \(client.scope.text), \(client.policies.stored), \(client.createdAt),
                \(client.updatedAt), \(client.disabledAt), \(client.storedAuthentication),
                \(client.registration.stored), \(client.logos?.stored),
                \(client.policies.organizations.owner))
            """)
    }

    /// Holds a client's row until the transaction ends, so that what is read next stays true while
    /// it is changed.
    ///
    /// False if there is no such client.
    package func hold(_ id: Client.ID) throws -> Bool {
        try transaction.execute(
            """
            UPDATE client SET updated_at = updated_at
            WHERE tenant_id = \(tenantID) AND id = \(id)
            """) == 1
    }

    package func update(_ client: Client) throws {
        try transaction.noteChange(of: tenantID)
        try transaction.execute(
            """
            UPDATE client SET name = \(client.name.text), kind = \(client.kind.rawValue),
                redirect_uris = \(client.redirectURIs.stored),
                post_logout_redirect_uris = \(client.postLogoutRedirectURIs.stored),
                scope = \(client.scope.text), policies = \(client.policies.stored),
                updated_at = \(client.updatedAt), disabled_at = \(client.disabledAt),
                authentication = \(client.storedAuthentication),
                registration = \(client.registration.stored),
                logos = \(client.logos?.stored),
                organization_id = \(client.policies.organizations.owner)
            WHERE tenant_id = \(tenantID) AND id = \(client.id)
            """)
    }

    /// Deletes a client, and with the row its secrets and grants.
    package func delete(_ id: Client.ID) throws -> Bool {
        try transaction.noteChange(of: tenantID)
        return try transaction.execute(
            "DELETE FROM client WHERE tenant_id = \(tenantID) AND id = \(id)") == 1
    }

    // MARK: Secrets

    package func add(_ secret: ClientSecret, to client: Client.ID) throws {
        try transaction.noteChange(of: tenantID)
        try transaction.execute(
            """
            INSERT INTO client_secret (tenant_id, id, client_id, digest, created_at, last_used_at)
            VALUES (\(tenantID), \(secret.id), \(client), \(secret.digest), \(secret.createdAt),
                \(secret.lastUsedAt))
            """)
    }

    /// The secrets of a client, oldest first.
    package func secrets(of client: Client.ID) throws -> [ClientSecret] {
        try transaction.rows(
            """
            SELECT id, digest, created_at, last_used_at FROM client_secret
            WHERE tenant_id = \(tenantID) AND client_id = \(client) ORDER BY id
            """
        ).map(ClientSecret.init)
    }

    package func removeSecret(_ id: ClientSecret.ID, of client: Client.ID) throws -> Bool {
        try transaction.noteChange(of: tenantID)
        return try transaction.execute(
            """
            DELETE FROM client_secret
            WHERE tenant_id = \(tenantID) AND id = \(id) AND client_id = \(client)
            """) == 1
    }

    /// Removes every secret of a client that proves itself in another way now.
    package func removeSecrets(of client: Client.ID) throws {
        try transaction.noteChange(of: tenantID)
        try transaction.execute(
            "DELETE FROM client_secret WHERE tenant_id = \(tenantID) AND client_id = \(client)")
    }

    package func touchSecret(_ id: ClientSecret.ID, at now: Timestamp) throws {
        try transaction.execute(
            """
            UPDATE client_secret SET last_used_at = \(now)
            WHERE tenant_id = \(tenantID) AND id = \(id)
                AND (last_used_at IS NULL OR last_used_at < \(now))
            """)
    }
}

extension Client {
    init(_ row: Row) throws {
        id = ID(stored: try row.text("id"))
        let kindName = try row.text("kind")
        guard let kind = Kind(rawValue: kindName),
            let name = DisplayName(parsing: try row.text("name"))
        else { throw DatabaseError.unexpectedColumn("client.kind or client.name") }
        self.kind = kind
        self.name = name
        redirectURIs = try [RedirectURI](stored: try row.text("redirect_uris"))
        postLogoutRedirectURIs = try [RedirectURI](
            stored: try row.text("post_logout_redirect_uris"))
        scope = try Scope(parsing: try row.text("scope"))
        policies = try ClientPolicies(stored: try row.text("policies"), kind: kind)
        createdAt = Timestamp(milliseconds: try row.integer("created_at"))
        updatedAt = Timestamp(milliseconds: try row.integer("updated_at"))
        disabledAt = try row.optionalInteger("disabled_at").map(Timestamp.init(milliseconds:))
        let stored = try row.optionalText("authentication")
        authentication = try Authentication(stored: stored, kind: kind)
        requestKeys = authentication.keys == nil ? try ClientKeys(besides: stored) : nil
        registration = try ClientRegistration(stored: try row.optionalText("registration"))
        logos = try row.optionalText("logos").map(Logos.init(stored:))
        hasActiveOwner = try row.integer("has_active_owner") == 1
        settleProfile()
    }
}

extension [RedirectURI] {
    var stored: String {
        String(decoding: JSONValue.array(map { .string($0.text) }).serialized(), as: UTF8.self)
    }

    init(stored text: String) throws {
        let texts = try JSONValue(parsing: [UInt8](text.utf8)).strings ?? []
        self = try texts.map { try RedirectURI(registering: $0) }
    }
}

extension ClientPolicies {
    var stored: String {
        let json = JSONWriter.object { json in
            json.add("requires_pkce", requiresPKCE)
            json.add("refresh_tokens", refreshTokens.rawValue)
            json.add("rotation", rotation.rawValue)
            json.add("rotation_leeway", rotationLeeway.seconds)
            json.add("access_token_lifetime", accessTokenLifetime.seconds)
            json.add("id_token_algorithm", idTokenAlgorithm.name)
            json.add("access_token_algorithm", accessTokenAlgorithm.name)
            if let audience { json.add("audience", audience) }
            json.add("access_token_has_email", accessTokenHasEmail)
            json.add("userinfo_scope", userInfoScope.rawValue)
            json.add("requires_dpop", requiresDPoP)
            json.add("requires_certificate", requiresCertificate)
            json.add("requires_dpop_nonce", requiresDPoPNonce)
            json.add("device_authorization", allowsDeviceAuthorization)
            json.add("requires_pushed_requests", requiresPushedRequests)
            json.add("response_modes", responseModes.map(\.text))
            json.add("backchannel_authentication", allowsBackchannelAuthentication)
            json.add("party", party.rawValue)
            json.add("partial_consent", allowsPartialConsent)
            json.add("authorization_details_types", authorizationDetailsTypes)
            addProfile(to: &json)
            if let logout = logout.stored { json.add("logout", logout) }
            if let initiateLoginURI { json.add("initiate_login_uri", initiateLoginURI.text) }
            if let endpoint = tokenDelivery.notificationEndpoint {
                json.add("client_notification_endpoint", endpoint.text)
            }
            organizations.add(to: &json)
        }
        return String(decoding: json, as: UTF8.self)
    }

    init(stored text: String, kind: Client.Kind) throws {
        self.init(for: kind)
        let json = try JSONObject(parsing: Array(text.utf8))
        guard let refreshTokens = json["refresh_tokens"]?.string.flatMap(RefreshTokens.init),
            let rotation = json["rotation"]?.string.flatMap(Rotation.init),
            let leeway = json["rotation_leeway"]?.integer,
            let lifetime = json["access_token_lifetime"]?.integer,
            let algorithm = json["id_token_algorithm"]?.string.flatMap(Algorithm.init(name:)),
            let requiresPKCE = json["requires_pkce"]?.bool
        else { throw DatabaseError.unexpectedColumn("client.policies") }
        self.requiresPKCE = requiresPKCE
        self.refreshTokens = refreshTokens
        self.rotation = rotation
        rotationLeeway = .seconds(leeway)
        accessTokenLifetime = .seconds(lifetime)
        idTokenAlgorithm = algorithm
        // Clients of earlier versions have none.
        accessTokenAlgorithm =
            json["access_token_algorithm"]?.string.flatMap(Algorithm.init(name:)) ?? .es256
        audience = json["audience"]?.string
        accessTokenHasEmail = json["access_token_has_email"]?.bool ?? false
        userInfoScope = json["userinfo_scope"]?.string.flatMap(UserInfoScope.init) ?? .granted
        requiresDPoP = json["requires_dpop"]?.bool ?? false
        if json["requires_certificate"]?.bool ?? false { requiresCertificate = true }
        requiresDPoPNonce = json["requires_dpop_nonce"]?.bool ?? requiresDPoPNonce
        allowsDeviceAuthorization = json["device_authorization"]?.bool ?? false
        requiresPushedRequests = json["requires_pushed_requests"]?.bool ?? false
        let modes = json["response_modes"]?.strings?.compactMap(ResponseMode.init(parsing:)) ?? []
        if !modes.isEmpty { responseModes = modes }
        allowsBackchannelAuthentication = json["backchannel_authentication"]?.bool ?? false
        party = json["party"]?.string.flatMap(Party.init) ?? .first
        allowsPartialConsent = json["partial_consent"]?.bool ?? false
        authorizationDetailsTypes = json["authorization_details_types"]?.strings ?? []
        try readProfile(from: json)
        logout = try ClientLogout(stored: json["logout"]?.object)
        initiateLoginURI = json["initiate_login_uri"]?.string
            .flatMap(InitiateLoginURI.init(registering:))
        tokenDelivery = TokenDelivery(stored: json["client_notification_endpoint"]?.string)
        organizations = OrganizationAccess(stored: json)
    }
}

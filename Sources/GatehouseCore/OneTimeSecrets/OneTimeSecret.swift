package import GatehouseSQL

/// Something that works once: an authorization code, an admin link.
///
/// All of them live in one store under one rule. A row is found only by its purpose and digest
/// together, so a secret minted for one purpose does not exist for another; and it is claimed by
/// compare-and-set, so it works for one request however many bring it at once.
package struct OneTimeSecret: Sendable {
    package let purpose: Secret.Purpose
    package let digest: SecretDigest
    package let clientID: Client.ID?
    package let userID: User.ID?
    package let grantID: Grant.ID?
    /// What else it stands for, as JSON; the purpose says how to read it.
    package let payload: String
    package let createdAt: Timestamp
    package let expiresAt: Timestamp
    package let consumedAt: Timestamp?

    package init(
        _ secret: Secret, client: Client.ID? = nil, user: User.ID? = nil, grant: Grant.ID? = nil,
        payload: String = "{}", lifetime: Lifetime, at now: Timestamp
    ) {
        purpose = secret.purpose
        digest = secret.digest
        clientID = client
        userID = user
        grantID = grant
        self.payload = payload
        createdAt = now
        expiresAt = now + lifetime
        consumedAt = nil
    }

    fileprivate init(_ row: Row, purpose: Secret.Purpose) throws {
        self.purpose = purpose
        digest = SecretDigest(stored: try row.bytes("digest"))
        clientID = try row.optionalText("client_id").map(Client.ID.init(stored:))
        userID = try row.optionalText("user_id").map(User.ID.init(stored:))
        grantID = try row.optionalText("grant_id").map(Grant.ID.init(stored:))
        payload = try row.text("payload")
        createdAt = Timestamp(milliseconds: try row.integer("created_at"))
        expiresAt = Timestamp(milliseconds: try row.integer("expires_at"))
        consumedAt = try row.optionalInteger("consumed_at").map(Timestamp.init(milliseconds:))
    }
}

/// The one-time secrets of one tenant.
package struct OneTimeSecretRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    package func insert(_ secret: OneTimeSecret) throws {
        try transaction.send(
            """
            INSERT INTO one_time_secret (tenant_id, purpose, digest, client_id, user_id, grant_id,
                payload, created_at, expires_at)
            VALUES (\(tenantID), \(secret.purpose.rawValue), \(secret.digest), \(secret.clientID),
                \(secret.userID), \(secret.grantID), \(secret.payload), \(secret.createdAt),
                \(secret.expiresAt))
            """)
    }

    package func find(_ secret: Secret) throws -> OneTimeSecret? {
        try transaction.row(
            """
            SELECT digest, client_id, user_id, grant_id, payload, created_at, expires_at,
                consumed_at
            FROM one_time_secret
            WHERE tenant_id = \(tenantID) AND purpose = \(secret.purpose.rawValue)
                AND digest = \(secret.digest)
            """
        ).map { try OneTimeSecret($0, purpose: secret.purpose) }
    }

    /// A secret with the grant that it belongs to and everyone that this stands on.
    func findStanding(
        _ secret: Secret
    ) throws -> (secret: OneTimeSecret, standing: GrantStanding)? {
        let row = try transaction.row(
            """
            SELECT \(GrantStanding.columns), o.digest, o.client_id, o.user_id, o.grant_id,
                o.payload, o.created_at, o.expires_at, o.consumed_at
            FROM one_time_secret AS o
            JOIN authorization_grant AS g ON g.tenant_id = o.tenant_id AND g.id = o.grant_id
            \(GrantStanding.joins)
            WHERE o.tenant_id = \(tenantID) AND o.purpose = \(secret.purpose.rawValue)
                AND o.digest = \(secret.digest)
            """)
        guard let row else { return nil }
        let (standing, rest) = try GrantStanding.read(row)
        return (try OneTimeSecret(rest, purpose: secret.purpose), standing)
    }

    /// Consumes the secret.
    ///
    /// True for exactly one of those who bring it, and only in its time.
    package func claim(_ secret: Secret, at now: Timestamp) throws -> Submitted {
        try transaction.submit(
            """
            UPDATE one_time_secret SET consumed_at = \(now)
            WHERE tenant_id = \(tenantID) AND purpose = \(secret.purpose.rawValue)
                AND digest = \(secret.digest) AND consumed_at IS NULL AND expires_at > \(now)
            """)
    }

    /// Consumes a secret that was found in its time, however long what began with it took.
    ///
    /// True for exactly one of those who bring it.
    package func claim(
        _ purpose: Secret.Purpose, foundAs digest: SecretDigest, at now: Timestamp
    ) throws -> Submitted {
        try transaction.submit(
            """
            UPDATE one_time_secret SET consumed_at = \(now)
            WHERE tenant_id = \(tenantID) AND purpose = \(purpose.rawValue)
                AND digest = \(digest) AND consumed_at IS NULL
            """)
    }

    /// Consumes a secret whose time is over, so that it stays over if the clock is set back.
    package func spend(_ secret: Secret, at now: Timestamp) throws {
        try transaction.send(
            """
            UPDATE one_time_secret SET consumed_at = \(now)
            WHERE tenant_id = \(tenantID) AND purpose = \(secret.purpose.rawValue)
                AND digest = \(secret.digest) AND consumed_at IS NULL
            """)
    }

    /// Makes every unused secret of a purpose useless that somebody has, so that only their next one
    /// works.
    package func consumeAll(
        _ purpose: Secret.Purpose, of user: User.ID, at now: Timestamp
    ) throws {
        try transaction.send(
            """
            UPDATE one_time_secret SET consumed_at = \(now)
            WHERE tenant_id = \(tenantID) AND purpose = \(purpose.rawValue)
                AND user_id = \(user) AND consumed_at IS NULL
            """)
    }
}

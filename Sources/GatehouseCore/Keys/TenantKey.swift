private import GatehouseEncoding
package import GatehouseJOSE
import GatehouseSQL

/// A signing key of a tenant as it is recorded: its public half, its private half sealed, and the
/// times that decide what it is for.
package struct TenantKey: Sendable {
    /// The `kid`: the thumbprint of the key (RFC 7638).
    package let id: String
    package let algorithm: Algorithm
    /// The public key as the JSON of a JWK.
    package let publicKey: String
    package let sealedKey: [UInt8]
    package let createdAt: Timestamp
    package let activatesAt: Timestamp
    package let retiresAt: Timestamp?
    package let removedAt: Timestamp?

    /// What a key is for at a moment.
    ///
    /// It follows from the key's times alone, so all nodes agree without telling each other.
    package enum State: String, Sendable {
        /// Published, so that everyone has it before it signs.
        case next
        /// Published, and signs.
        case active
        /// Published, so that what it signed still verifies; signs no more.
        case retiring
        /// Not published.
        case removed
    }

    /// How long a key is published before it signs.
    ///
    /// Longer than anyone keeps the key set: many verifiers do for an hour, whatever they are told,
    /// and some do not ask again when they meet a key that they do not know.
    package static let leadTime = Lifetime.minutes(70)
    /// How long clients may cache the key set.
    package static let cacheLifetime = Lifetime.seconds(300)
    /// How long a key is published after it stopped signing: longer than any token lives.
    package static let retirement = Lifetime.days(2)

    package func state(at now: Timestamp) -> State {
        if let removedAt, now >= removedAt { return .removed }
        if let retiresAt, now >= retiresAt { return .retiring }
        return now < activatesAt ? .next : .active
    }

    init(_ row: Row) throws {
        id = try row.text("id")
        guard let algorithm = Algorithm(name: try row.text("algorithm")) else {
            throw DatabaseError.unexpectedColumn("signing_key.algorithm")
        }
        self.algorithm = algorithm
        publicKey = try row.text("public_key")
        sealedKey = try row.bytes("sealed_key")
        createdAt = Timestamp(milliseconds: try row.integer("created_at"))
        activatesAt = Timestamp(milliseconds: try row.integer("activates_at"))
        retiresAt = try row.optionalInteger("retires_at").map(Timestamp.init(milliseconds:))
        removedAt = try row.optionalInteger("removed_at").map(Timestamp.init(milliseconds:))
    }

    package init(
        _ key: SigningKey, sealedFor tenant: Tenant.ID, with instanceKey: InstanceKey,
        activatesAt: Timestamp, at now: Timestamp
    ) throws {
        let id = key.publicKey.thumbprint()
        self.id = id
        algorithm = key.algorithm
        publicKey = String(decoding: key.publicKey.jsonObject.serialized(), as: UTF8.self)
        sealedKey = try instanceKey.seal(
            key.secretBytes(), for: Self.use(tenant: tenant, id: id))
        createdAt = now
        self.activatesAt = activatesAt
        retiresAt = nil
        removedAt = nil
    }

    /// When the key begins or ends to be for something.
    var turns: [Timestamp] { [activatesAt, retiresAt, removedAt].compactMap(\.self) }

    /// True if the instance sealed this key for this tenant under this name.
    func isSealed(for tenant: Tenant.ID, with instanceKey: InstanceKey) throws -> Bool {
        try !instanceKey.open(sealedKey, for: Self.use(tenant: tenant, id: id)).isEmpty
    }

    /// Opens the private half.
    func unsealed(of tenant: Tenant.ID, with instanceKey: InstanceKey) throws -> SigningKey {
        let bytes = try instanceKey.open(sealedKey, for: Self.use(tenant: tenant, id: id))
        return try SigningKey(restoring: bytes, algorithm: algorithm, keyID: id)
    }

    private static func use(tenant: Tenant.ID, id: String) -> String {
        "signing-key/\(tenant.text)/\(id)"
    }
}

/// The signing keys of one tenant.
package struct SigningKeyRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    /// Every key that is published or will be, oldest first.
    package func all() throws -> [TenantKey] {
        try transaction.rows(
            """
            SELECT id, algorithm, public_key, sealed_key, created_at, activates_at, retires_at,
                removed_at
            FROM signing_key WHERE tenant_id = \(tenantID) ORDER BY activates_at, id
            """
        ).map(TenantKey.init)
    }

    package func insert(_ key: TenantKey) throws {
        try transaction.noteChange(of: tenantID)
        try transaction.execute(
            """
            INSERT INTO signing_key (tenant_id, id, algorithm, public_key, sealed_key, created_at,
                activates_at)
            VALUES (\(tenantID), \(key.id), \(key.algorithm.name), \(key.publicKey),
                \(key.sealedKey), \(key.createdAt), \(key.activatesAt))
            """)
    }

    /// Decides when the keys of an algorithm that sign now, or were about to, sign no more.
    package func retire(
        _ algorithm: Algorithm, except id: String, at retirement: Timestamp
    ) throws {
        try transaction.noteChange(of: tenantID)
        try transaction.execute(
            """
            UPDATE signing_key SET retires_at = \(retirement),
                removed_at = \(retirement + TenantKey.retirement)
            WHERE tenant_id = \(tenantID) AND algorithm = \(algorithm.name) AND id <> \(id)
                AND retires_at IS NULL
            """)
    }

    /// Lets a key that was about to retire sign on.
    package func keep(_ id: String) throws {
        try transaction.noteChange(of: tenantID)
        try transaction.execute(
            """
            UPDATE signing_key SET retires_at = NULL, removed_at = NULL
            WHERE tenant_id = \(tenantID) AND id = \(id)
            """)
    }

    /// Removes a key at once: nothing that it signed verifies any more.
    package func delete(_ id: String) throws -> Bool {
        try transaction.noteChange(of: tenantID)
        return try transaction.execute(
            "DELETE FROM signing_key WHERE tenant_id = \(tenantID) AND id = \(id)") == 1
    }
}

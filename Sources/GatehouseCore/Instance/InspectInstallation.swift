import GatehouseSQL

/// Reads what tells how an installation fares.
///
/// What it means is judged elsewhere.
package struct InspectInstallation: Sendable {
    let database: any Database

    /// How many of a kind are named.
    private static let most = 5
    /// After how many attempts in vain something is told.
    private static let attempts: Int64 = 3
    /// For how long a key has done nothing.
    private static let idleness = Lifetime.days(90)

    /// What was found.
    package struct Found: Sendable {
        /// What the database says the time is; nil if it has no clock of its own.
        package let databaseTime: Timestamp?
        /// Settings of the database by which a power cut undoes what was committed.
        package let unsafeSettings: [String]
        /// The room on the disk of the database; nil if it does not tell.
        package let room: Room?
        /// When the oldest event happened that has no place in its audit trail yet; nil if all have.
        package let oldestUnsealed: Timestamp?
        /// Until when somebody is about to remove what expired; nil if nobody ever was.
        package let removalLease: Timestamp?
        /// True if letters are due that were not sent.
        package let hasLetters: Bool
        /// How many times clients could not be told something, again and again.
        package let untold: Int64
        /// Domains whose proof cannot be found any more.
        package let missingDomains: [Domain]
        /// How many people administer.
        package let people: Int64
        /// Administrator keys that were not used for ``idleness``, or never in it.
        package let idleKeys: [IdleKey]
    }

    /// The room on a disk, in bytes.
    package struct Room: Sendable, Hashable {
        package let free: Int64
        package let all: Int64
    }

    /// A domain of a tenant.
    package struct Domain: Sendable, Hashable {
        package let tenant: String
        package let host: String
        package let missingSince: Timestamp
    }

    /// An administrator key that nobody uses.
    package struct IdleKey: Sendable, Hashable {
        package let id: String
        package let name: String
        /// The slug of the tenant that it administers; nil for the whole installation.
        package let tenant: String?
        package let lastUsedAt: Timestamp?
    }

    package func inspect(at now: Timestamp) async throws -> Found {
        let condition = try await database.condition()
        let letters = try await SendInvitations.waiting(in: database, at: now)
        return try await database.read { transaction in
            Found(
                databaseTime: condition.time.map(Timestamp.init(milliseconds:)),
                unsafeSettings: condition.unsafeSettings,
                room: condition.space.map { Room(free: $0.free, all: $0.all) },
                oldestUnsealed: try Self.oldestUnsealed(in: transaction),
                removalLease: try Lease("remove-expired", holder: "").expiry(in: transaction),
                hasLetters: letters > 0,
                untold: try Self.untold(in: transaction),
                missingDomains: try Self.missingDomains(in: transaction),
                people: try Self.people(in: transaction),
                idleKeys: try Self.idleKeys(in: transaction, since: now - Self.idleness))
        }
    }

    private static func oldestUnsealed(in transaction: Transaction) throws -> Timestamp? {
        // Every tenant: one job seals for all of them.
        try transaction.row(
            "SELECT occurred_at FROM event WHERE sequence IS NULL ORDER BY id LIMIT 1"
        )
        .map { Timestamp(milliseconds: try $0.integer("occurred_at")) }
    }

    private static func untold(in transaction: Transaction) throws -> Int64 {
        // Every tenant: one job tells the clients of all of them.
        try transaction.row("SELECT count(*) AS n FROM delivery WHERE attempts >= \(attempts)")?
            .integer("n") ?? 0
    }

    private static func missingDomains(in transaction: Transaction) throws -> [Domain] {
        // Every tenant: one job looks after the domains of all of them.
        try transaction.rows(
            """
            SELECT t.slug, d.host, d.missing_since FROM tenant_domain AS d
            JOIN tenant AS t ON t.tenant_id = d.tenant_id
            WHERE d.verified_at IS NOT NULL AND d.missing_since IS NOT NULL
            ORDER BY d.missing_since, d.host LIMIT \(most)
            """
        ).map { row in
            Domain(
                tenant: try row.text("slug"), host: try row.text("host"),
                missingSince: Timestamp(milliseconds: try row.integer("missing_since")))
        }
    }

    private static func people(in transaction: Transaction) throws -> Int64 {
        // Every tenant: it is asked whether anybody administers anything.
        try transaction.row("SELECT count(DISTINCT user_id) AS n FROM administrator")?
            .integer("n") ?? 0
    }

    private static func idleKeys(
        in transaction: Transaction, since start: Timestamp
    ) throws -> [IdleKey] {
        // Every tenant: keys of the installation and of tenants let somebody in alike.
        try transaction.rows(
            """
            SELECT t.slug, k.tenant_id, k.id, k.name, k.last_used_at FROM administrator_key AS k
            JOIN tenant AS t ON t.tenant_id = k.tenant_id
            WHERE COALESCE(k.last_used_at, k.created_at) < \(start)
                AND (k.expires_at IS NULL OR k.expires_at > \(start + idleness))
            ORDER BY k.id LIMIT \(most)
            """
        ).map { row in
            let tenant = Tenant.ID(stored: try row.text("tenant_id"))
            return IdleKey(
                id: try row.text("id"), name: try row.text("name"),
                tenant: tenant == Tenant.instance ? nil : try row.text("slug"),
                lastUsedAt: try row.optionalInteger("last_used_at")
                    .map(Timestamp.init(milliseconds:)))
        }
    }
}

package import GatehouseSQL

/// Removes what expired, in small batches, on one node at a time.
///
/// What is still needed to notice that a spent code or token comes back is kept a while longer.
package struct RemoveExpired: Sendable {
    let database: any Database
    let lease: Lease

    package init(database: any Database, holder: String) {
        self.database = database
        lease = Lease("remove-expired", holder: holder)
    }

    /// How many rows of a table one transaction removes.
    private static let batch = 500
    /// How long a row is kept after its time.
    private static let grace = Lifetime.days(1)

    /// When rows were last removed, as far as the lease tells; nil if they never were.
    package func lastRun() async throws -> Timestamp? {
        try await database.read { [lease] in try lease.expiry(in: $0) }
    }

    /// Removes one batch from each table.
    ///
    /// - Returns: True if there may be more to remove.
    package func run(at now: Timestamp) async throws -> Bool {
        try await database.write { transaction in
            guard try lease.take(in: transaction, for: .minutes(2), at: now) else { return false }
            let limit = now - Self.grace
            let occasion = Occasion(now: now, requestID: Event.ID(at: now).text, address: nil)
            let removals =
                Self.removals(until: limit) + Self.removals(at: now)
                + Self.removalsOfUsed(at: now) + Self.removalsOfRequests(at: now)
                + [Self.removalOfChanges(at: now), Self.removalOfActivity(at: now)]
            let removed =
                try removals.map(transaction.execute)
                + [
                    RemoveUnusedClients(transaction: transaction).run(on: occasion)
                ]
            try transaction.execute(Self.renumbering)
            let hasMoreOrganizations = try RemoveDeletedOrganizations(transaction: transaction)
                .run(on: occasion)
            return hasMoreOrganizations || removed.contains { $0 >= Self.batch }
        }
    }

    /// What is kept a while after its time.
    private static func removals(until limit: Timestamp) -> [SQL] {
        [
            """
            DELETE FROM invitation WHERE (tenant_id, id) IN (
                SELECT tenant_id, id FROM invitation
                WHERE expires_at < \(limit) LIMIT \(batch))
            """,
            """
            DELETE FROM initial_access_token WHERE (tenant_id, id) IN (
                SELECT tenant_id, id FROM initial_access_token
                WHERE expires_at < \(limit) LIMIT \(batch))
            """,
            """
            DELETE FROM one_time_secret WHERE (tenant_id, purpose, digest) IN (
                SELECT tenant_id, purpose, digest FROM one_time_secret
                WHERE expires_at < \(limit) LIMIT \(batch))
            """,
            """
            DELETE FROM refresh_token WHERE (tenant_id, digest) IN (
                SELECT tenant_id, digest FROM refresh_token
                WHERE expires_at < \(limit) LIMIT \(batch))
            """,
            """
            DELETE FROM authorization_grant WHERE (tenant_id, id) IN (
                SELECT tenant_id, id FROM authorization_grant
                WHERE expires_at < \(limit) LIMIT \(batch))
            """,
            """
            DELETE FROM browser_session WHERE (tenant_id, id) IN (
                SELECT tenant_id, id FROM browser_session
                WHERE expires_at < \(limit) LIMIT \(batch))
            """,
            """
            DELETE FROM revoked_access_token WHERE (tenant_id, id) IN (
                SELECT tenant_id, id FROM revoked_access_token
                WHERE expires_at < \(limit) LIMIT \(batch))
            """,
        ]
    }

    /// What was asked of the admin API, which may not be sent again any more, and what was refused.
    private static func removalsOfRequests(at now: Timestamp) -> [SQL] {
        [
            """
            DELETE FROM administrator_request
            WHERE (tenant_id, administrator_key_id, digest) IN (
                SELECT tenant_id, administrator_key_id, digest FROM administrator_request
                WHERE expires_at < \(now) LIMIT \(batch))
            """,
            """
            DELETE FROM refused_request WHERE (tenant_id, id) IN (
                SELECT tenant_id, id FROM refused_request
                WHERE expires_at < \(now) LIMIT \(batch))
            """,
            """
            DELETE FROM client_use WHERE (tenant_id, client_id, day, kind, target) IN (
                SELECT tenant_id, client_id, day, kind, target FROM client_use
                WHERE day < \(Day(of: now - ClientUseRecords.kept).number) LIMIT \(batch))
            """,
        ]
    }

    /// How much happened is told for three months.
    private static func removalOfActivity(at now: Timestamp) -> SQL {
        """
        DELETE FROM activity WHERE (tenant_id, client_id, began_at, measure) IN (
            SELECT tenant_id, client_id, began_at, measure FROM activity
            WHERE began_at < \(now - ActivityRecords.kept) LIMIT \(batch))
        """
    }

    /// What nobody needs after its time.
    private static func removals(at now: Timestamp) -> [SQL] {
        [
            """
            DELETE FROM opaque_access_token WHERE (tenant_id, digest) IN (
                SELECT tenant_id, digest FROM opaque_access_token
                WHERE expires_at < \(now) LIMIT \(batch))
            """,
            """
            DELETE FROM interaction WHERE (tenant_id, id) IN (
                SELECT tenant_id, id FROM interaction WHERE expires_at < \(now) LIMIT \(batch))
            """,
            """
            DELETE FROM device_authorization WHERE (tenant_id, id) IN (
                SELECT tenant_id, id FROM device_authorization
                WHERE expires_at < \(now) LIMIT \(batch))
            """,
            """
            DELETE FROM backchannel_authentication WHERE (tenant_id, id) IN (
                SELECT tenant_id, id FROM backchannel_authentication
                WHERE expires_at < \(now) LIMIT \(batch))
            """,
            """
            DELETE FROM attempt_counter WHERE (tenant_id, key) IN (
                SELECT tenant_id, key FROM attempt_counter
                WHERE window_ends_at < \(now) LIMIT \(batch))
            """,
            """
            DELETE FROM known_device WHERE (tenant_id, digest, user_id) IN (
                SELECT tenant_id, digest, user_id FROM known_device
                WHERE expires_at < \(now) LIMIT \(batch))
            """,
            """
            DELETE FROM signing_key WHERE (tenant_id, id) IN (
                SELECT tenant_id, id FROM signing_key
                WHERE removed_at < \(now) LIMIT \(batch))
            """,
        ]
    }

    /// What is remembered of signatures of clients that count once, until their time is over.
    private static func removalsOfUsed(at now: Timestamp) -> [SQL] {
        [
            """
            DELETE FROM client_assertion WHERE (tenant_id, client_id, digest) IN (
                SELECT tenant_id, client_id, digest FROM client_assertion
                WHERE expires_at < \(now) LIMIT \(batch))
            """,
            """
            DELETE FROM dpop_proof WHERE (tenant_id, digest) IN (
                SELECT tenant_id, digest FROM dpop_proof
                WHERE expires_at < \(now) LIMIT \(batch))
            """,
            """
            DELETE FROM grant_assertion WHERE (tenant_id, digest) IN (
                SELECT tenant_id, digest FROM grant_assertion
                WHERE expires_at < \(now) LIMIT \(batch))
            """,
        ]
    }

    /// Gives rows that came with a dump of another server a number that a transaction here has.
    ///
    /// They would else be told one day, in between others.
    private static let renumbering: SQL = """
        UPDATE access_change SET transaction_number = \(number: .ofThisTransaction)
        WHERE (tenant_id, transaction_number, id) IN (
            SELECT tenant_id, transaction_number, id FROM access_change
            WHERE transaction_number >= \(number: .ofNextTransaction) LIMIT \(batch))
        """

    /// What no token is old enough for.
    ///
    /// The latest of each tenant stays: it is where whoever has followed goes on.
    private static func removalOfChanges(at now: Timestamp) -> SQL {
        """
        DELETE FROM access_change WHERE (tenant_id, transaction_number, id) IN (
            SELECT c.tenant_id, c.transaction_number, c.id FROM access_change AS c
            WHERE c.occurred_at < \(now - AccessChange.keptFor) AND EXISTS (
                SELECT 1 FROM access_change AS l WHERE l.tenant_id = c.tenant_id
                    AND (l.transaction_number, l.id) > (c.transaction_number, c.id))
            LIMIT \(batch))
        """
    }
}

import GatehouseSQL

/// The counters of one tenant: how often something was tried in the window under way.
///
/// They are rows, so all nodes count together and a restart forgets nothing.
package struct AttemptCounterRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    /// A counter without room.
    package struct Full: Sendable {
        /// When its window ends.
        package let end: Timestamp
        /// True if somebody was refused in this window before.
        package let isNoted: Bool
    }

    /// What is known of a counter that has no room left; nil if it has.
    package func full(_ key: AttemptKey, _ limit: Limit, at now: Timestamp) throws -> Full? {
        try transaction.row(
            """
            SELECT window_ends_at, exceeded_at FROM attempt_counter
            WHERE tenant_id = \(tenantID) AND key = \(key) AND attempts >= \(limit.allowed)
                AND NOT \(Self.isOver(limit, at: now))
            """
        ).map { row in
            Full(
                end: Timestamp(milliseconds: try row.integer("window_ends_at")),
                isNoted: try row.optionalInteger("exceeded_at") != nil)
        }
    }

    /// Counts one attempt, if there is room: exactly as often as allowed, however many ask at once.
    package func count(_ key: AttemptKey, _ limit: Limit, at now: Timestamp) throws -> Bool {
        let isOver = Self.isOver(limit, at: now)
        return try transaction.row(
            """
            INSERT INTO attempt_counter (tenant_id, key, attempts, window_ends_at)
            VALUES (\(tenantID), \(key), 1, \(now + limit.span))
            ON CONFLICT (tenant_id, key) DO UPDATE SET
                attempts = CASE WHEN \(isOver) THEN 1 ELSE attempt_counter.attempts + 1 END,
                exceeded_at = CASE WHEN \(isOver) THEN NULL
                    ELSE attempt_counter.exceeded_at END,
                window_ends_at = CASE WHEN \(isOver) THEN excluded.window_ends_at
                    ELSE attempt_counter.window_ends_at END
            WHERE attempt_counter.attempts < \(limit.allowed) OR \(isOver)
            RETURNING attempts
            """) != nil
    }

    /// True of a row whose window is over.
    ///
    /// One that ends in two spans was made by a clock that was wrong, or for a longer span: nobody
    /// must wait for that. The clocks of two nodes differ by much less.
    private static func isOver(_ limit: Limit, at now: Timestamp) -> SQL {
        """
        (attempt_counter.window_ends_at <= \(now)
            OR attempt_counter.window_ends_at > \(now + limit.span + limit.span))
        """
    }

    /// Takes one attempt back, unless the window that it was counted in is over: that one ends no
    /// later than this.
    package func giveBack(_ key: AttemptKey, countedUntil end: Timestamp) throws {
        try transaction.send(
            """
            UPDATE attempt_counter SET attempts = attempts - 1
            WHERE tenant_id = \(tenantID) AND key = \(key) AND attempts > 0
                AND window_ends_at <= \(end)
            """)
    }

    /// Forgets every attempt.
    package func clear(_ key: AttemptKey) throws {
        try transaction.send(
            "DELETE FROM attempt_counter WHERE tenant_id = \(tenantID) AND key = \(key)")
    }

    /// Notes that somebody was refused.
    ///
    /// True for the first in each window, so that it is told once.
    package func noteExceeded(_ key: AttemptKey, at now: Timestamp) throws -> Bool {
        try transaction.execute(
            """
            UPDATE attempt_counter SET exceeded_at = \(now)
            WHERE tenant_id = \(tenantID) AND key = \(key) AND exceeded_at IS NULL
            """) == 1
    }
}

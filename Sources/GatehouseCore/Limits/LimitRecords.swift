import GatehouseSQL

/// The limits that one tenant sets for itself.
package struct LimitRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    /// The limits that hold: the tenant's own, and the standard ones of the names it leaves out.
    package func all() throws -> [Limit.Name: Limit] {
        let rows = try transaction.rows(
            "SELECT name, allowed, span FROM tenant_limit WHERE tenant_id = \(tenantID)")
        var limits = Dictionary(
            uniqueKeysWithValues: Limit.Name.allCases.map { ($0, $0.standard) })
        for row in rows {
            // A name that a newer program knows is nothing to us.
            guard let name = Limit.Name(rawValue: try row.text("name")) else { continue }
            limits[name] = Limit(
                name, allowed: Int(clamping: try row.integer("allowed")),
                per: .seconds(try row.integer("span")))
        }
        return limits
    }

    package func set(_ limit: Limit) throws {
        try transaction.execute(
            """
            INSERT INTO tenant_limit (tenant_id, name, allowed, span)
            VALUES (\(tenantID), \(limit.name.rawValue), \(limit.allowed), \(limit.span.seconds))
            ON CONFLICT (tenant_id, name) DO UPDATE SET allowed = excluded.allowed,
                span = excluded.span
            """)
    }

    /// Goes back to the standard limit.
    package func reset(_ name: Limit.Name) throws {
        try transaction.execute(
            """
            DELETE FROM tenant_limit WHERE tenant_id = \(tenantID) AND name = \(name.rawValue)
            """)
    }
}

extension TenantRecords {
    package var limits: LimitRecords { .init(tenantID: tenantID, transaction: transaction) }
    package var attemptCounters: AttemptCounterRecords {
        .init(tenantID: tenantID, transaction: transaction)
    }
    package var knownDevices: KnownDeviceRecords {
        .init(tenantID: tenantID, transaction: transaction)
    }
}

import GatehouseSQL

/// Removes organizations that were deleted and whose time is over.
struct RemoveDeletedOrganizations {
    let transaction: Transaction

    /// How many organizations one transaction looks at, and how many memberships it ends.
    private static let batch = 50
    private static let batchOfMemberships = 500

    /// Removes one batch; returns true if there may be more to remove.
    func run(on occasion: Occasion) throws -> Bool {
        // Every tenant: a job that does the same for each.
        let due = try transaction.rows(
            """
            SELECT tenant_id, id FROM organization WHERE removed_at <= \(occasion.now)
            ORDER BY removed_at LIMIT \(Self.batch)
            """)
        var left = Self.batchOfMemberships
        for row in due {
            let id = Organization.ID(stored: try row.text("id"))
            let records = transaction.records(of: Tenant.ID(stored: try row.text("tenant_id")))
            // Held before anything of it goes: it may be restored until then, and not afterwards.
            guard try records.organizations.holdDue(id, at: occasion.now) else { continue }
            left -= try records.memberships.deleteSome(of: id, atMost: left)
            guard left > 0 else { return true }
            guard try records.organizations.remove(id, at: occasion.now) else { continue }
            try records.events.append(
                Event(.organizationDeleted, by: .system, of: id.text), on: occasion)
        }
        return due.count == Self.batch
    }
}

import GatehouseSQL

/// What configurations manage of one tenant.
struct ConfigurationMarkRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    func list() throws -> [ConfigurationMark] {
        try transaction.rows(
            """
            SELECT kind, object_id, manager, name FROM configuration_mark
            WHERE tenant_id = \(tenantID) ORDER BY manager, kind, name
            """
        ).compactMap { row in
            // A kind that a newer program manages is nothing to us.
            guard let kind = ConfigurationMark.Kind(rawValue: try row.text("kind")) else {
                return nil
            }
            return ConfigurationMark(
                kind, try row.text("object_id"), by: Slug(stored: try row.text("manager")),
                as: ConfigurationMark.Name(stored: try row.text("name")))
        }
    }

    /// The mark of a thing; nil if nothing manages it.
    func find(_ kind: ConfigurationMark.Kind, _ object: String) throws -> ConfigurationMark? {
        try transaction.row(
            """
            SELECT manager, name FROM configuration_mark
            WHERE tenant_id = \(tenantID) AND kind = \(kind.rawValue) AND object_id = \(object)
            """
        ).map { row in
            ConfigurationMark(
                kind, object, by: Slug(stored: try row.text("manager")),
                as: ConfigurationMark.Name(stored: try row.text("name")))
        }
    }

    /// Sets a mark in the place of the one that the thing has, and of the thing that has the name.
    func set(_ mark: ConfigurationMark, at now: Timestamp) throws {
        try transaction.execute(
            """
            DELETE FROM configuration_mark
            WHERE tenant_id = \(tenantID) AND manager = \(mark.manager)
                AND kind = \(mark.kind.rawValue) AND name = \(mark.name.text)
            """)
        try transaction.execute(
            """
            INSERT INTO configuration_mark (tenant_id, kind, object_id, manager, name, marked_at)
            VALUES (\(tenantID), \(mark.kind.rawValue), \(mark.object), \(mark.manager),
                \(mark.name.text), \(now))
            ON CONFLICT (tenant_id, kind, object_id) DO UPDATE SET manager = excluded.manager,
                name = excluded.name, marked_at = excluded.marked_at
            """)
    }

    /// Takes a mark away; false if there is none.
    func remove(_ kind: ConfigurationMark.Kind, _ object: String) throws -> Bool {
        try transaction.execute(
            """
            DELETE FROM configuration_mark
            WHERE tenant_id = \(tenantID) AND kind = \(kind.rawValue) AND object_id = \(object)
            """) == 1
    }

    /// True if the tenant has such a thing.
    func exists(_ kind: ConfigurationMark.Kind, _ object: String) throws -> Bool {
        try transaction.row(Self.search(kind, object, in: tenantID)) != nil
    }

    private static func search(
        _ kind: ConfigurationMark.Kind, _ object: String, in tenantID: Tenant.ID
    ) -> SQL {
        switch kind {
        case .client:
            "SELECT id FROM client WHERE tenant_id = \(tenantID) AND id = \(object)"
        case .resource:
            "SELECT id FROM resource WHERE tenant_id = \(tenantID) AND id = \(object)"
        case .trustedIssuer:
            "SELECT id FROM trusted_issuer WHERE tenant_id = \(tenantID) AND id = \(object)"
        case .role:
            "SELECT id FROM organization_role WHERE tenant_id = \(tenantID) AND id = \(object)"
        case .organization:
            "SELECT id FROM organization WHERE tenant_id = \(tenantID) AND id = \(object)"
        case .group:
            "SELECT id FROM organization_group WHERE tenant_id = \(tenantID) AND id = \(object)"
        }
    }
}

extension TenantRecords {
    var configurationMarks: ConfigurationMarkRecords {
        .init(tenantID: tenantID, transaction: transaction)
    }
}

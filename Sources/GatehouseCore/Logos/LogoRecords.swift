import GatehouseSQL

/// The logos that one tenant keeps.
package struct LogoRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    func insert(_ logo: Logo, of owner: LogoOwner) throws {
        let image = logo.image
        try transaction.execute(
            """
            INSERT INTO logo (tenant_id, id, client_id, organization_id, format, width, height,
                content, created_at)
            VALUES (\(tenantID), \(logo.id), \(owner.client), \(owner.organization),
                \(image.format.rawValue), \(Int64(image.width)), \(Int64(image.height)),
                \(image.bytes), \(logo.createdAt))
            """)
    }

    package func find(_ id: Logo.ID) throws -> Logo? {
        try transaction.row(
            """
            SELECT id, format, width, height, content, created_at FROM logo
            WHERE tenant_id = \(tenantID) AND id = \(id)
            """
        ).map(Logo.init)
    }

    func removeAll(of owner: LogoOwner) throws {
        let those: SQL =
            switch owner {
            case .client(let id): "client_id = \(id)"
            case .organization(let id): "organization_id = \(id)"
            case .tenant: "client_id IS NULL AND organization_id IS NULL"
            }
        try transaction.execute("DELETE FROM logo WHERE tenant_id = \(tenantID) AND \(those)")
    }
}

extension Logo {
    init(_ row: Row) throws {
        guard let format = RasterImage.Format(rawValue: try row.text("format")) else {
            throw DatabaseError.unexpectedColumn("logo.format")
        }
        self.init(
            id: ID(stored: try row.text("id")),
            RasterImage(
                stored: try row.bytes("content"), format: format,
                width: Int(clamping: try row.integer("width")),
                height: Int(clamping: try row.integer("height"))),
            createdAt: Timestamp(milliseconds: try row.integer("created_at")))
    }
}

extension TenantRecords {
    package var logos: LogoRecords {
        LogoRecords(tenantID: tenantID, transaction: transaction)
    }
}

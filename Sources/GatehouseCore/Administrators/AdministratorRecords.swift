import GatehouseSQL

/// The people who administer one tenant; those of the whole installation are the instance's own.
struct AdministratorRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    /// What a person is here, from now on.
    func set(_ user: User.ID, to role: AdministratorRole, on occasion: Occasion) throws {
        try transaction.execute(
            """
            INSERT INTO administrator (tenant_id, user_id, role, created_at, created_by)
            VALUES (\(tenantID), \(user), \(role.rawValue), \(occasion.now),
                \(occasion.operator.text))
            ON CONFLICT (tenant_id, user_id) DO UPDATE SET role = excluded.role
            """)
    }

    /// A person and what they are here; nil if they are nothing.
    func find(_ user: User) throws -> AdministerAdministrators.Person? {
        try transaction.row(
            """
            SELECT \(AdministerAdministrators.Person.columns) FROM administrator
            WHERE tenant_id = \(tenantID) AND user_id = \(user.id)
            """
        ).map { try .init($0, user) }
    }

    /// False if the person was nothing here.
    func remove(_ user: User.ID) throws -> Bool {
        try transaction.execute(
            "DELETE FROM administrator WHERE tenant_id = \(tenantID) AND user_id = \(user)") == 1
    }
}

extension TenantRecords {
    var administrators: AdministratorRecords {
        AdministratorRecords(tenantID: tenantID, transaction: transaction)
    }
}

extension Transaction {
    /// Everybody who administers something, with what they are where.
    func administrators() throws -> [AdministerAdministrators.Person] {
        let people = records(of: Tenant.instance).users
        // Every tenant: whoever asks administers the whole installation.
        return try rows(
            """
            SELECT \(AdministerAdministrators.Person.columns) FROM administrator
            ORDER BY user_id, tenant_id LIMIT \(1_000)
            """
        ).compactMap { row in
            try people.find(User.ID(stored: row.text("user_id"))).map { try .init(row, $0) }
        }
    }

    /// What a person is, wherever they administer.
    func standings(of user: User.ID) throws -> [Administrator.Standing] {
        // Every tenant: the rows say which of them the person administers.
        try rows(
            """
            SELECT a.tenant_id, a.role FROM administrator AS a
            JOIN tenant AS t ON t.tenant_id = a.tenant_id
            WHERE a.user_id = \(user) AND t.disabled_at IS NULL
            ORDER BY a.tenant_id
            """
        ).map(Administrator.Standing.init)
    }
}

extension AdministerAdministrators.Person {
    fileprivate static let columns: SQL = "tenant_id, user_id, role, created_at, created_by"

    fileprivate init(_ row: Row, _ user: User) throws {
        self.user = user
        standing = try Administrator.Standing(row)
        createdAt = Timestamp(milliseconds: try row.integer("created_at"))
        createdBy = try row.text("created_by")
    }
}

extension Administrator.Standing {
    fileprivate init(_ row: Row) throws {
        guard let role = AdministratorRole(rawValue: try row.text("role")) else {
            throw DatabaseError.unexpectedColumn("administrator.role")
        }
        let tenant = Tenant.ID(stored: try row.text("tenant_id"))
        self.init(role, of: AdministratorReach(of: tenant))
    }
}

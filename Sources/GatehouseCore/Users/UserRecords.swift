import GatehouseSQL

/// The users of one tenant.
package struct UserRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    /// The columns of a user, in a statement that calls the table `u`.
    static let columns: SQL = """
        u.id, u.name, u.email, u.email_verified_at, u.username, u.password_hash, u.created_at,
        u.updated_at, u.disabled_at
        """
    static let columnCount = 9

    package func find(_ id: User.ID) throws -> User? {
        try transaction.row(
            """
            SELECT \(Self.columns) FROM user_account AS u
            WHERE u.tenant_id = \(tenantID) AND u.id = \(id)
            """
        ).map(User.init)
    }

    package func find(_ name: SignInName) throws -> User? {
        switch name {
        case .email(let email):
            try transaction.row(
                """
                SELECT \(Self.columns) FROM user_account AS u
                WHERE u.tenant_id = \(tenantID) AND u.email_key = \(email.key)
                """
            ).map(User.init)
        case .username(let username):
            try transaction.row(
                """
                SELECT \(Self.columns) FROM user_account AS u
                WHERE u.tenant_id = \(tenantID) AND u.username_key = \(username.key)
                """
            ).map(User.init)
        }
    }

    /// Users after one of them, oldest first.
    package func list(after id: User.ID?, limit: Int) throws -> [User] {
        try transaction.rows(
            """
            SELECT \(Self.columns) FROM user_account AS u
            WHERE u.tenant_id = \(tenantID) AND u.id > \(id?.text ?? "")
            ORDER BY u.id LIMIT \(limit)
            """
        ).map(User.init)
    }

    package func count() throws -> Int64 {
        try transaction.row(
            "SELECT count(*) AS n FROM user_account WHERE tenant_id = \(tenantID)"
        )?.integer("n") ?? 0
    }

    /// Adds a user.
    ///
    /// False if the address or the username is taken.
    package func insert(_ user: User) throws -> Bool {
        try transaction.execute(
            """
            INSERT INTO user_account (tenant_id, id, name, email, email_key, email_verified_at,
                username, username_key, password_hash, created_at, updated_at, disabled_at)
            VALUES (\(tenantID), \(user.id), \(user.name?.text), \(user.email?.text),
                \(user.email?.key), \(user.emailVerifiedAt), \(user.username?.text),
                \(user.username?.key), \(user.passwordHash?.text), \(user.createdAt),
                \(user.updatedAt), \(user.disabledAt))
            ON CONFLICT DO NOTHING
            """) == 1
    }

    /// Holds a user's row until the transaction ends, so that what is read next stays true while it
    /// is changed.
    ///
    /// False if there is no such user.
    package func hold(_ id: User.ID) throws -> Bool {
        try transaction.execute(
            """
            UPDATE user_account SET updated_at = updated_at
            WHERE tenant_id = \(tenantID) AND id = \(id)
            """) == 1
    }

    /// True if another user has this address or username.
    package func isTaken(email: EmailAddress?, username: Username?, by user: User.ID) throws -> Bool
    {
        try transaction.row(
            """
            SELECT id FROM user_account
            WHERE tenant_id = \(tenantID) AND id <> \(user)
                AND (email_key = \(email?.key ?? "") OR username_key = \(username?.key ?? ""))
            """) != nil
    }

    /// Writes what may change of a user.
    ///
    /// Look first whether a new name is taken.
    package func update(_ user: User) throws {
        try transaction.execute(
            """
            UPDATE user_account SET name = \(user.name?.text), email = \(user.email?.text),
                email_key = \(user.email?.key), email_verified_at = \(user.emailVerifiedAt),
                username = \(user.username?.text), username_key = \(user.username?.key),
                password_hash = \(user.passwordHash?.text), updated_at = \(user.updatedAt),
                disabled_at = \(user.disabledAt)
            WHERE tenant_id = \(tenantID) AND id = \(user.id)
            """)
    }

    /// Deletes a user, and with the row every session and grant of theirs.
    package func delete(_ id: User.ID) throws -> Bool {
        try transaction.execute(
            "DELETE FROM user_account WHERE tenant_id = \(tenantID) AND id = \(id)") == 1
    }
}

import GatehouseSQL

/// A grant with the user and the session that it stands on, read in one look.
package struct GrantStanding: Sendable {
    package let grant: Grant
    /// Nil if they were deleted.
    package let user: User?
    package let session: Session?

    /// The columns, in a statement that calls the grant `g` and has ``joins``.
    static let columns: SQL = """
        \(GrantRecords.columns), \(UserRecords.columns), \(SessionRecords.columns)
        """
    /// How many columns each of the tables has.
    private static let counts = [
        GrantRecords.columnCount, UserRecords.columnCount, SessionRecords.columnCount,
    ]
    static let joins: SQL = """
        LEFT JOIN user_account AS u ON u.tenant_id = g.tenant_id AND u.id = g.user_id
        LEFT JOIN browser_session AS s ON s.tenant_id = g.tenant_id AND s.id = g.session_id
        """

    /// Takes the columns from the beginning of a row, and hands on what comes after them.
    static func read(_ row: Row) throws -> (GrantStanding, rest: Row) {
        let parts = row.split(counts)
        let standing = GrantStanding(
            grant: try Grant(parts[0]),
            user: try parts[1].optionalText("id") == nil ? nil : User(parts[1]),
            session: try parts[2].optionalText("id") == nil ? nil : Session(parts[2]))
        return (standing, parts[3])
    }

    /// Everyone whom the grant stands on: its client, its user and, unless it is meant to outlive
    /// it, its session.
    package func standing(in tenant: Tenant, client: Client?) -> Standing {
        var standing = Standing(tenant: tenant)
        standing.client = .involved(client)
        standing.user = .involved(user)
        standing.grant = .involved(grant)
        if !grant.isOffline { standing.session = .involved(session) }
        return standing
    }
}

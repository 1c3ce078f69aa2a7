import GatehouseSQL

/// A grant with the user and the session that it stands on, read in one look.
package struct GrantStanding: Sendable {
    package let grant: Grant
    /// Nil if they were deleted.
    package let user: User?
    package let session: Session?
    /// True if the client is neither disabled nor deleted, and is no client of an organization in
    /// which nobody acts, whatever the registry believes.
    private let clientIsLive: Bool
    /// True if the organization through which the user signed in, if it was one, lets them in still.
    private let isLetIn: Bool

    /// The columns, in a statement that calls the grant `g` and has ``joins``.
    static let columns: SQL = """
        \(GrantRecords.columns), \(UserRecords.columns), \(SessionRecords.columns),
        c.id AS live_client_id,
        CASE WHEN g.through_organization_id IS NULL THEN 1 ELSE (
            SELECT COUNT(*) FROM membership AS w
            JOIN organization AS o
                ON o.tenant_id = w.tenant_id AND o.id = w.organization_id
                    AND \(OrganizationRecords.isActive)
            WHERE w.tenant_id = g.tenant_id AND w.organization_id = g.through_organization_id
                AND w.user_id = g.user_id AND w.suspended_at IS NULL
        ) END AS let_in
        """
    /// How many columns each of the tables has.
    private static let counts = [
        GrantRecords.columnCount, UserRecords.columnCount, SessionRecords.columnCount, 2,
    ]
    static let joins: SQL = """
        LEFT JOIN user_account AS u ON u.tenant_id = g.tenant_id AND u.id = g.user_id
        LEFT JOIN browser_session AS s ON s.tenant_id = g.tenant_id AND s.id = g.session_id
        LEFT JOIN client AS c
            ON c.tenant_id = g.tenant_id AND c.id = g.client_id AND c.disabled_at IS NULL
                AND \(ClientRecords.hasActiveOwner)
        """

    /// Takes the columns from the beginning of a row, and hands on what comes after them.
    static func read(_ row: Row) throws -> (GrantStanding, rest: Row) {
        let parts = row.split(counts)
        return (try GrantStanding(parts), parts[4])
    }

    /// Does the same where a row may have no grant.
    static func readIfThere(_ row: Row) throws -> (GrantStanding?, rest: Row) {
        let parts = row.split(counts)
        let isThere = try parts[0].optionalText("id") != nil
        return (isThere ? try GrantStanding(parts) : nil, parts[4])
    }

    private init(_ parts: [Row]) throws {
        grant = try Grant(parts[0])
        user = try parts[1].optionalText("id") == nil ? nil : User(parts[1])
        session = try parts[2].optionalText("id") == nil ? nil : Session(parts[2])
        clientIsLive = try parts[3].optionalText("live_client_id") != nil
        isLetIn = try parts[3].integer("let_in") == 1
    }

    /// Everyone whom the grant stands on: its client, its user and, unless it is meant to outlive
    /// it, its session.
    package func standing(in tenant: Tenant, client: Client?) -> Standing {
        var standing = Standing(tenant: tenant)
        standing.client = .involved(clientIsLive ? client : nil)
        standing.user = .involved(user)
        standing.grant = .involved(grant)
        if !grant.isOffline { standing.session = .involved(session) }
        standing.isLetIn = isLetIn
        return standing
    }
}

import GatehouseProtocol
import GatehouseSQL

/// A secret by which a program administers the installation, or one tenant of it.
///
/// It is random, so its digest is enough to check it, and it is shown once.
package struct AdministratorKey: Sendable, Identified {
    package typealias ID = Identifier<AdministratorKey>
    package static let identifierPrefix = "adk"

    package let id: ID
    package let name: DisplayName
    /// How the key begins, so that whoever finds one can tell which it is.
    package let beginning: String
    package let role: AdministratorRole
    package let reach: AdministratorReach
    package let createdAt: Timestamp
    /// Who made it, as events name them.
    package let createdBy: String
    /// When it stops being good; nil if it does not.
    package let expiresAt: Timestamp?
    /// When it was last used, at most a second behind.
    package let lastUsedAt: Timestamp?

    /// The most that there may be for one reach.
    package static let limit: Int64 = 100

    package init(
        _ secret: Secret, called name: DisplayName, role: AdministratorRole,
        for reach: AdministratorReach, lifetime: Lifetime?, on occasion: Occasion
    ) {
        id = ID(at: occasion.now)
        self.name = name
        beginning = secret.beginning
        self.role = role
        self.reach = reach
        createdAt = occasion.now
        createdBy = occasion.operator.text
        expiresAt = lifetime.map { occasion.now + $0 }
        lastUsedAt = nil
    }

    init(_ row: Row) throws {
        guard let name = DisplayName(parsing: try row.text("name")) else {
            throw DatabaseError.unexpectedColumn("administrator_key.name")
        }
        guard let role = AdministratorRole(rawValue: try row.text("role")) else {
            throw DatabaseError.unexpectedColumn("administrator_key.role")
        }
        let tenant = Tenant.ID(stored: try row.text("tenant_id"))
        id = ID(stored: try row.text("id"))
        self.name = name
        beginning = try row.text("beginning")
        self.role = role
        reach = AdministratorReach(of: tenant)
        createdAt = Timestamp(milliseconds: try row.integer("created_at"))
        createdBy = try row.text("created_by")
        expiresAt = try row.optionalInteger("expires_at").map(Timestamp.init(milliseconds:))
        lastUsedAt = try row.optionalInteger("last_used_at").map(Timestamp.init(milliseconds:))
    }
}

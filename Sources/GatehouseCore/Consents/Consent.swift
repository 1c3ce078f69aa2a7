package import GatehouseProtocol
import GatehouseSQL

/// What a person allowed a client for good: at one resource, or about who they are.
///
/// It is why they are not asked again. What came of it is in grants.
package struct Consent: Sendable, Identified {
    package typealias ID = Identifier<Consent>
    package static let identifierPrefix = "cns"

    package let id: ID
    package let userID: User.ID
    package let clientID: Client.ID
    /// The resource by its indicator; empty for who the person is, which is no resource.
    package let resource: String
    package let scope: Scope
    /// When something was allowed first, and last.
    package let createdAt: Timestamp
    package let updatedAt: Timestamp

    init(_ row: Row) throws {
        id = ID(stored: try row.text("id"))
        userID = User.ID(stored: try row.text("user_id"))
        clientID = Client.ID(stored: try row.text("client_id"))
        resource = try row.text("resource")
        scope = try Scope(parsing: try row.text("scope"))
        createdAt = Timestamp(milliseconds: try row.integer("created_at"))
        updatedAt = Timestamp(milliseconds: try row.integer("updated_at"))
    }
}

/// What a person said when they were asked: once for each interaction.
package struct ConsentDecision: Sendable, Hashable {
    package let userID: User.ID
    /// What they allowed of the scope that was asked for; nil if they denied it all.
    package let allowed: Scope?
}

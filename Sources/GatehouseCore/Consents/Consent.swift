private import GatehouseEncoding
package import GatehouseProtocol
import GatehouseSQL

/// What a person allowed a client for good: in one organization, or as nobody but themselves.
///
/// It is why they are not asked again. Every grant that the client was given in this way stands on
/// it, and is revoked with it.
package struct Consent: Sendable, Identified {
    package typealias ID = Identifier<Consent>
    package static let identifierPrefix = "cns"

    package let id: ID
    package let userID: User.ID
    package let clientID: Client.ID
    /// The organization in whose name the person allowed it; nil if it was in none.
    package let organizationID: Organization.ID?
    /// What is allowed, by resource.
    ///
    /// Nothing, if the person allowed a device or a request from elsewhere and nothing for good.
    package private(set) var parts: [ConsentPart]
    /// When something was allowed first, and last.
    package let createdAt: Timestamp
    package let updatedAt: Timestamp

    /// What is allowed at a resource.
    package func scope(at resource: String) -> Scope {
        parts.first { $0.resource.isExactly(resource) }?.scope ?? .none
    }

    /// Takes a consent from a row, with the one part that stands in it, if any.
    init(_ row: Row) throws {
        id = ID(stored: try row.text("id"))
        userID = User.ID(stored: try row.text("user_id"))
        clientID = Client.ID(stored: try row.text("client_id"))
        let organization = try row.text("organization_id")
        organizationID = organization.isEmpty ? nil : Organization.ID(stored: organization)
        createdAt = Timestamp(milliseconds: try row.integer("created_at"))
        updatedAt = Timestamp(milliseconds: try row.integer("updated_at"))
        parts = []
        try addPart(of: row)
    }

    /// Adds the part of another row of the same consent.
    mutating func addPart(of row: Row) throws {
        guard let resource = try row.optionalText("resource") else { return }
        parts.append(
            ConsentPart(resource: resource, scope: try Scope(parsing: try row.text("scope"))))
    }
}

/// What a person said when they were asked: once for each interaction.
package struct ConsentDecision: Sendable, Hashable {
    package let userID: User.ID
    /// What they allowed of the scope that was asked for; nil if they denied it all.
    package let allowed: Scope?
}

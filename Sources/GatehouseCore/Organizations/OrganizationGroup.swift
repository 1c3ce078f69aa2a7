import GatehouseSQL

/// People of one organization who are given the same roles by being in it.
package struct OrganizationGroup: Sendable, Identified {
    package typealias ID = Identifier<OrganizationGroup>
    /// A group is called as a role is.
    package typealias Name = OrganizationRole.Name
    package static let identifierPrefix = "grp"

    package let id: ID
    package let organizationID: Organization.ID
    package let name: Name
    package var roles: [OrganizationRole]
    package let createdAt: Timestamp
    package var updatedAt: Timestamp

    /// The most groups that one organization may have, and the most that one member may be in.
    package static let mostOfOrganization = 200
    package static let mostOfMember = 20

    init(
        _ name: Name, carrying roles: [OrganizationRole], of organization: Organization.ID,
        at now: Timestamp
    ) {
        id = ID(at: now)
        organizationID = organization
        self.name = name
        self.roles = roles
        createdAt = now
        updatedAt = now
    }

    /// True if whoever is in it owns the organization.
    package var isOwner: Bool { roles.contains(where: \.isOwner) }

    /// Takes a group from a row, with the one role that stands in it, if any.
    init(_ row: Row) throws {
        id = ID(stored: try row.text("group_id"))
        organizationID = Organization.ID(stored: try row.text("group_organization_id"))
        name = Name(stored: try row.text("group_name"))
        roles = []
        createdAt = Timestamp(milliseconds: try row.integer("group_created_at"))
        updatedAt = Timestamp(milliseconds: try row.integer("group_updated_at"))
        try addRole(of: row)
    }

    /// Adds the role of another row of the same group.
    mutating func addRole(of row: Row) throws {
        guard try row.optionalText("role_id") != nil else { return }
        roles.append(try OrganizationRole(row))
    }
}

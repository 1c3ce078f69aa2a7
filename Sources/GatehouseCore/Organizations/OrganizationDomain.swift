package import GatehouseProtocol
import GatehouseSQL

/// A domain that an organization speaks for, and what it decides about people with an address there.
///
/// Nothing is decided until the domain is proved.
package struct OrganizationDomain: Sendable {
    package let organizationID: Organization.ID
    package internal(set) var claim: DomainClaim
    package var rules: Rules

    /// What is decided about people with an address in the domain.
    package struct Rules: Sendable, Hashable {
        /// Whether they become members when they sign in: those whose address is verified, and who did
        /// not leave before.
        package var joins = false
        /// The roles that they get when they do; one that is gone, or makes owners, is passed over.
        package var roles: [OrganizationRole.Name] = []
        /// Whether they sign in as members, and not at all if they are none.
        package var isRequired = false

        package init() {}
    }

    /// Claims a domain for an organization.
    package init(
        claiming host: HostName, for organization: Organization.ID, by rules: Rules,
        at now: Timestamp
    ) {
        organizationID = organization
        claim = DomainClaim(claiming: host, at: now)
        self.rules = rules
    }

    init(_ row: Row) throws {
        organizationID = Organization.ID(stored: try row.text("organization_id"))
        claim = try DomainClaim(row)
        rules = Rules()
        rules.joins = try row.integer("joins") == 1
        rules.roles = try row.text("roles").split(separator: " ")
            .map { OrganizationRole.Name(stored: String($0)) }
        rules.isRequired = try row.integer("required") == 1
    }
}

extension OrganizationDomain.Rules {
    /// The roles as one text: no name has a space in it.
    var storedRoles: String { roles.map(\.text).joined(separator: " ") }
}

package import GatehouseScopes
package import GatehouseSQL

/// A named set of scopes that members of an organization are given together.
///
/// A tenant has roles for all of its organizations, and an organization may have its own; of two that
/// have the same name, an organization means its own.
package struct OrganizationRole: Sendable, Identified {
    package typealias ID = Identifier<OrganizationRole>
    package static let identifierPrefix = "role"

    package let id: ID
    /// The one organization that has it; nil for a role of the tenant.
    package let organizationID: Organization.ID?
    package let name: Name
    package var scopes: MembershipScopes
    package let createdAt: Timestamp
    package var updatedAt: Timestamp

    package init(
        _ name: Name, _ scopes: MembershipScopes, of organization: Organization.ID?,
        at now: Timestamp
    ) {
        id = ID(at: now)
        organizationID = organization
        self.name = name
        self.scopes = scopes
        createdAt = now
        updatedAt = now
    }

    /// True if whoever has it owns the organization.
    package var isOwner: Bool { scopes.contains(.owner) }

    /// What tokens call a role: letters, digits, hyphens and underscores.
    package struct Name: Hashable, Comparable, Sendable, SQLConvertible {
        package let text: String

        package init?(parsing text: String) {
            guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy(Self.allows) else {
                return nil
            }
            self.text = text
        }

        init(stored text: String) {
            self.text = text
        }

        package var sqlValue: SQLValue { .text(text) }

        package static func < (one: Name, other: Name) -> Bool {
            one.text.utf8.lexicographicallyPrecedes(other.text.utf8)
        }

        private static func allows(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }

    init(_ row: Row) throws {
        id = ID(stored: try row.text("role_id"))
        let organization = try row.text("role_organization_id")
        organizationID = organization.isEmpty ? nil : Organization.ID(stored: organization)
        name = Name(stored: try row.text("role_name"))
        scopes = try MembershipScopes(stored: try row.text("role_scopes"))
        createdAt = Timestamp(milliseconds: try row.integer("role_created_at"))
        updatedAt = Timestamp(milliseconds: try row.integer("role_updated_at"))
    }
}

/// Scopes of a role or a membership, each once, in the order in which tokens list them.
package struct MembershipScopes: Sendable, Hashable {
    package let values: [MembershipScope]

    /// Nothing.
    package static let none = MembershipScopes(of: [])

    /// The most that a role or a membership may have of its own.
    package static let limit = 100

    package init(of values: some Sequence<MembershipScope>) {
        self.values = Set(values).sorted()
    }

    /// Nil if one of the texts is no scope, or there are too many.
    package init?(parsing texts: [String]) {
        let values = texts.compactMap { MembershipScope($0) }
        guard values.count == texts.count, values.count <= Self.limit else { return nil }
        self.init(of: values)
    }

    init(stored text: String) throws {
        let texts = text.split(separator: " ").map(String.init)
        guard let scopes = MembershipScopes(parsing: texts) else {
            throw DatabaseError.unexpectedColumn("scopes")
        }
        self = scopes
    }

    package func contains(_ scope: MembershipScope) -> Bool { values.contains(scope) }

    /// True if each allows an action, and none just says who somebody is.
    package var arePermissions: Bool { values.allSatisfy(\.isPermission) }

    package var texts: [String] { values.map(\.text) }

    var stored: String { texts.joined(separator: " ") }
}

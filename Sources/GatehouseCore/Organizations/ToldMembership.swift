import GatehouseProtocol
import GatehouseSQL

/// What tokens tell of a membership that counts now.
///
/// A person may have hundreds, and all are looked up for each token: it has no more than that needs.
struct ToldMembership: Sendable {
    let organizationID: Organization.ID
    let title: String?
    let joinedAt: Timestamp
    /// Scopes as they are stored: one text for the membership, and one for each role, by whatever
    /// they have it.
    private(set) var storedScopes: [String]

    /// The columns that it is made of: of a membership `m` and a role `r`.
    static let columns: SQL = """
        m.organization_id AS organization_id, m.title, m.scopes, m.joined_at,
        r.scopes AS role_scopes
        """

    init(_ row: Row) throws {
        organizationID = Organization.ID(stored: try row.text("organization_id"))
        title = try row.optionalText("title")
        joinedAt = Timestamp(milliseconds: try row.integer("joined_at"))
        storedScopes = [try row.text("scopes")]
        try addRole(of: row)
    }

    /// Adds the role of another row of the same membership.
    mutating func addRole(of row: Row) throws {
        if let scopes = try row.optionalText("role_scopes") { storedScopes.append(scopes) }
    }

    /// What the person may do there: of roles and of the membership itself, sorted, each once.
    var scopes: [String] {
        var unions = ScopeUnions()
        return unions.union(of: storedScopes)
    }

    /// The membership as one of several in a token.
    var claim: OrganizationClaim { claim(scopes) }

    fileprivate func claim(_ scopes: [String]) -> OrganizationClaim {
        OrganizationClaim(
            id: organizationID.text, title: title, scopes: scopes, joinedAt: joinedAt.seconds)
    }
}

extension [ToldMembership] {
    /// The memberships as a token tells them.
    var claims: [OrganizationClaim] {
        var unions = ScopeUnions()
        return map { $0.claim(unions.union(of: $0.storedScopes)) }
    }
}

/// Unites scopes as they are stored, the same ones once: whoever is in many organizations has the same
/// few roles in most.
private struct ScopeUnions {
    private var known: [[String]: [String]] = [:]

    mutating func union(of stored: [String]) -> [String] {
        if let union = known[stored] { return union }
        let union = Self.union(of: stored)
        known[stored] = union
        return union
    }

    /// Sorted, each once: ASCII by construction, which sorts by bytes.
    private static func union(of stored: [String]) -> [String] {
        let scopes = stored.flatMap { text in
            Array(text.utf8).split(separator: UInt8(ascii: " "))
                .map { String(decoding: $0, as: UTF8.self) }
        }
        return Set(scopes).sorted()
    }
}

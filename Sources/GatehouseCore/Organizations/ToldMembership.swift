import GatehouseProtocol
import GatehouseSQL

/// What tokens tell of a membership that counts now.
///
/// A person may have hundreds, and all are looked up for each token: it has no more than that needs.
struct ToldMembership: Sendable {
    let organizationID: Organization.ID
    let title: String?
    let joinedAt: Timestamp
    fileprivate var storedScopes: StoredScopes

    /// The columns that it is made of: of a membership `m` and a role `r`.
    static let columns: SQL = """
        m.organization_id AS organization_id, m.title, m.scopes, m.joined_at,
        r.scopes AS role_scopes
        """

    init(_ row: Row) throws {
        organizationID = Organization.ID(stored: try row.text("organization_id"))
        title = try row.optionalText("title")
        joinedAt = Timestamp(milliseconds: try row.integer("joined_at"))
        storedScopes = StoredScopes(own: try row.text("scopes"))
        try addRole(of: row)
    }

    /// Adds the role of another row of the same membership.
    mutating func addRole(of row: Row) throws {
        if let scopes = try row.optionalText("role_scopes") { storedScopes.ofRoles.append(scopes) }
    }

    /// What the person may do there: of roles and of the membership itself, sorted, each once.
    var scopes: [String] { storedScopes.union }

    /// The membership as one of several in a token.
    var claim: OrganizationClaim { claim(scopes) }

    fileprivate func claim(_ scopes: [String]) -> OrganizationClaim {
        OrganizationClaim(
            id: organizationID.text, title: title, scopes: scopes, joinedAt: joinedAt.seconds)
    }
}

extension [ToldMembership] {
    /// The memberships as a token tells them.
    ///
    /// Whoever is in many organizations has the same few roles in most: their scopes are united once.
    var claims: [OrganizationClaim] {
        var unions: [StoredScopes: [String]] = [:]
        return map { membership in
            let stored = membership.storedScopes
            if let union = unions[stored] { return membership.claim(union) }
            let union = stored.union
            unions[stored] = union
            return membership.claim(union)
        }
    }
}

/// Scopes as they are stored: one text for the membership, and one for each role, by whatever the
/// person has it.
private struct StoredScopes: Hashable {
    let own: String
    var ofRoles: [String] = []

    /// Sorted, each once: ASCII by construction, which sorts by bytes.
    var union: [String] {
        let scopes = ([own] + ofRoles).flatMap { text in
            Array(text.utf8).split(separator: UInt8(ascii: " "))
                .map { String(decoding: $0, as: UTF8.self) }
        }
        return Set(scopes).sorted()
    }
}

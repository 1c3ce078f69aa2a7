import GatehouseCore
import GatehouseScopes
import Testing

@Suite struct `Who administers an organization` {
    @Test(
        arguments: [
            (["owner"], "owner"), (["admin"], "admin"), (["owner", "admin"], "owner"),
            (["member"], nil), ([], nil),
            // What allows everything says nothing of who somebody is.
            (["*:**"], nil), (["*:*"], nil), (["**:**"], nil), (["owner:*"], nil),
            (["admin:**", "members:write"], nil), (["admin", "*:**"], "admin"),
        ] as [([String], String?)])
    func `is owner or admin by that very word`(_ scopes: [String], _ rank: String?) {
        let scopes = MembershipScopes(of: scopes.compactMap { MembershipScope($0) })
        #expect(OrganizationRank(scopes).map { "\($0)" } == rank)
    }

    /// Every change that there is.
    static let changes: [(OrganizationChange, concernsOwners: Bool)] = {
        var changes: [(OrganizationChange, concernsOwners: Bool)] = [(.name, false)]
        for ofOwner in [false, true] {
            changes.append((.consent(ofOwner: ofOwner), ofOwner))
            changes.append((.apiKey(ofOwner: ofOwner), ofOwner))
            changes.append((.invitation(makesOwner: ofOwner), ofOwner))
            for makesOwner in [false, true] {
                changes.append(
                    (
                        .membership(ofOwner: ofOwner, makesOwner: makesOwner),
                        ofOwner || makesOwner
                    ))
            }
        }
        return changes
    }()

    @Test func `may change everything as an owner, and nothing of owners as an admin`() {
        #expect(Set(Self.changes.map(\.0)).count == 11)
        for (change, concernsOwners) in Self.changes {
            #expect(OrganizationRank.owner.may(change), "\(change)")
            #expect(OrganizationRank.admin.may(change) == !concernsOwners, "\(change)")
        }
    }

    @Test func `gives the roles that make no owner, or all as an owner`() throws {
        let roles = try [("boss", ["owner", "a:b"]), ("all", ["*:**"]), ("chief", ["admin"])].map {
            OrganizationRole(
                try #require(OrganizationRole.Name(parsing: $0.0)),
                try #require(MembershipScopes(parsing: $0.1)), of: nil, at: World.start)
        }
        #expect(OrganizationRank.owner.mayGive(roles).map(\.name.text) == ["boss", "all", "chief"])
        #expect(OrganizationRank.admin.mayGive(roles).map(\.name.text) == ["all", "chief"])
    }
}

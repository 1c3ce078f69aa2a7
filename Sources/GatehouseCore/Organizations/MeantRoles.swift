/// The roles that names mean, or the first name that means none.
enum MeantRoles {
    case found([OrganizationRole]?)
    case missing(OrganizationRole.Name)
    case tooMany
}

extension TenantRecords {
    /// Looks roles up by what an organization calls them, and holds them: whether one makes an owner
    /// stays as it is while somebody is given it.
    func roles(
        meantBy names: [OrganizationRole.Name]?, in organization: Organization.ID
    ) throws -> MeantRoles {
        guard let names else { return .found(nil) }
        let wanted = Set(names)
        guard wanted.count <= Membership.mostRoles else { return .tooMany }
        var roles: [OrganizationRole] = []
        for name in wanted.sorted() {
            guard let role = try organizationRoles.holdMeant(name, in: organization) else {
                return .missing(name)
            }
            roles.append(role)
        }
        return .found(roles)
    }
}

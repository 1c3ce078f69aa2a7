private import GatehouseScopes
import GatehouseSQL

/// Shows organizations to the members who administer them.
///
/// Whoever does not administer one learns no more of it than of one that does not exist, or of a
/// text that is no slug.
package struct AdministeredOrganizations: Sendable {
    let database: any Database

    /// How many rows a page has.
    package static let pageLength = 50

    /// What somebody sees who asks for an organization.
    package enum Sight<Content: Sendable>: Sendable {
        /// Nobody is signed in.
        case stranger
        /// They administer none of this name, whether there is one or not.
        case unknown(LiveSession)
        case seen(OrganizationAdministration, Content)
    }

    /// Some rows of a list, and the id after which it goes on if there are more.
    package struct Rows<Row: Sendable, ID: Sendable>: Sendable {
        package let rows: [Row]
        package let next: ID?

        /// Takes rows of which one more was asked for than there is room, and makes of each what is
        /// shown; nothing, of whom something went at this moment.
        init<Found>(
            _ found: [Found], after id: (Found) -> ID, _ row: (Found) throws -> Row?
        ) rethrows {
            let kept = found.prefix(AdministeredOrganizations.pageLength)
            rows = try kept.compactMap(row)
            next = found.count > kept.count ? kept.last.map(id) : nil
        }
    }

    /// A member, and who that is.
    package struct Member: Sendable {
        package let membership: Membership
        package let user: User
    }

    /// A member, if there is one, and the roles and groups that there are.
    package struct MemberWithChoices: Sendable {
        package let member: Member?
        package let roles: [OrganizationRole]
        package let groups: [OrganizationGroup]
    }

    /// A key, and who the member is whose it is.
    package struct Key: Sendable {
        package let key: APIKey
        package let user: User?
        /// True if the member owns the organization.
        package let isOwners: Bool
    }

    /// What a member allowed an application.
    package struct Application: Sendable {
        package let allowed: AllowedApplications.Allowed
        package let user: User
        /// True if the member owns the organization.
        package let isOwners: Bool
    }

    // MARK: Questions

    /// The organizations that whoever is signed in administers, by name; nil if nobody is.
    package func list(
        to visit: AdministratorVisit, on occasion: Occasion
    ) async throws -> (current: LiveSession, memberships: [CurrentMembership])? {
        try await database.read { transaction in
            let records = transaction.records(of: visit.tenant.id)
            guard
                let current = try records.liveSession(
                    visit.browser.session, in: visit.tenant, at: occasion.now)
            else { return nil }
            let administered = try records.memberships.allCurrent(of: current.user.id)
                .filter { $0.rank != nil }
            return (current, administered.sorted { $0.organizationName < $1.organizationName })
        }
    }

    /// Who owns it, as far as a page has room.
    package func owners(
        of slug: Slug?, to visit: AdministratorVisit, on occasion: Occasion
    ) async throws -> Sight<[Member]> {
        try await see(slug, visit, on: occasion) { records, administration in
            try records.memberships.owners(
                of: administration.organization.id, limit: Self.pageLength
            ).compactMap(records.member)
        }
    }

    /// The members after one of them, by the ids of the users, all or those who are looked for.
    package func members(
        of slug: Slug?, matching search: MemberSearch?, after user: User.ID?,
        to visit: AdministratorVisit, on occasion: Occasion
    ) async throws -> Sight<Rows<Member, User.ID>> {
        try await see(slug, visit, on: occasion) { records, administration in
            let found = try records.memberships.list(
                of: administration.organization.id, matching: search, after: user,
                limit: Self.pageLength + 1)
            return try Rows(found, after: \.userID, records.member)
        }
    }

    /// One member, nil if there is none, with the roles and groups that there are.
    package func member(
        _ user: User.ID?, of slug: Slug?, to visit: AdministratorVisit, on occasion: Occasion
    ) async throws -> Sight<MemberWithChoices> {
        try await see(slug, visit, on: occasion) { records, administration in
            let organization = administration.organization.id
            return MemberWithChoices(
                member: try user.flatMap { try records.memberships.find($0, in: organization) }
                    .flatMap(records.member),
                roles: try records.organizationRoles.allMeant(in: organization),
                groups: try records.organizationGroups.all(of: organization))
        }
    }

    /// The invitations after one of them, oldest first, with the roles that there are.
    package func invitations(
        to slug: Slug?, after id: Invitation.ID?, to visit: AdministratorVisit,
        on occasion: Occasion
    ) async throws -> Sight<(list: Rows<Invitation, Invitation.ID>, roles: [OrganizationRole])> {
        try await see(slug, visit, on: occasion) { records, administration in
            let organization = administration.organization.id
            let found = try records.invitations.list(
                to: organization, after: id, limit: Self.pageLength + 1)
            return (
                Rows(found, after: \.id) { $0 },
                try records.organizationRoles.allMeant(in: organization)
            )
        }
    }

    /// What members allowed applications after one of these consents, oldest first.
    package func applications(
        in slug: Slug?, after id: Consent.ID?, to visit: AdministratorVisit, on occasion: Occasion
    ) async throws -> Sight<Rows<Application, Consent.ID>> {
        try await see(slug, visit, on: occasion) { records, administration in
            let organization = administration.organization.id
            let found = try records.consents.list(
                .init(organization: organization), after: id, limit: Self.pageLength + 1)
            return try Rows(found, after: \.id) { consent -> Application? in
                guard let allowed = try records.allowed(consent),
                    let user = try records.users.find(consent.userID)
                else { return nil }
                return Application(
                    allowed: allowed, user: user,
                    isOwners: try records.isOwner(user.id, of: organization))
            }
        }
    }

    /// The API keys of the organization and of members in it after one of them, oldest first, with
    /// the resources that there are.
    package func keys(
        of slug: Slug?, after id: APIKey.ID?, to visit: AdministratorVisit, on occasion: Occasion
    ) async throws -> Sight<(list: Rows<Key, APIKey.ID>, resources: [Resource])> {
        try await see(slug, visit, on: occasion) { records, administration in
            let organization = administration.organization.id
            let found = try records.apiKeys.list(
                of: nil, in: organization, after: id, limit: Self.pageLength + 1)
            let rows = try Rows(found, after: \.id) { key -> Key? in
                Key(
                    key: key, user: try key.owner.user.flatMap(records.users.find),
                    isOwners: try records.isOwner(key.owner.user, of: organization))
            }
            return (rows, try records.resources.all().filter { $0.disabledAt == nil })
        }
    }

    /// Looks at an organization in one transaction, if whoever is signed in administers it.
    private func see<Content: Sendable>(
        _ slug: Slug?, _ visit: AdministratorVisit, on occasion: Occasion,
        _ content: @escaping @Sendable (TenantRecords, OrganizationAdministration) throws -> Content
    ) async throws -> Sight<Content> {
        try await database.read { transaction in
            let records = transaction.records(of: visit.tenant.id)
            guard
                let current = try records.liveSession(
                    visit.browser.session, in: visit.tenant, at: occasion.now)
            else { return .stranger }
            guard let slug, let organization = try records.organizations.find(slug),
                let found = try records.administration(of: organization, by: current)
            else { return .unknown(current) }
            return .seen(found, try content(records, found))
        }
    }
}

/// A part of the addresses or usernames of the members who are looked for.
package struct MemberSearch: Sendable {
    /// What was typed, without spaces around it.
    package let text: String

    /// Nil if nothing was typed, or more than an address can have.
    package init?(parsing text: String) {
        let begun = text.drop { $0 == " " }
        guard let end = begun.lastIndex(where: { $0 != " " }), begun.utf8.count <= 254 else {
            return nil
        }
        self.text = String(begun[...end])
    }

    /// The pattern for `LIKE`, in which `!` takes their meaning from its signs.
    var pattern: String {
        var pattern = "%"
        for character in text.lowercased() {
            if ["%", "_", "!"].contains(character) { pattern.append("!") }
            pattern.append(character)
        }
        return pattern + "%"
    }
}

extension CurrentMembership {
    /// As what the person administers the organization; nil if they do not.
    package var rank: OrganizationRank? {
        OrganizationRank(MembershipScopes(of: scopes.compactMap { MembershipScope($0) }))
    }
}

extension TenantRecords {
    /// A member and who that is; nil if the user is being deleted.
    fileprivate func member(
        _ membership: Membership
    ) throws -> AdministeredOrganizations.Member? {
        try users.find(membership.userID).map { .init(membership: membership, user: $0) }
    }
}

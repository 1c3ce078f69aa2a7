package import GatehouseProtocol
package import GatehouseSQL
private import GatehouseScopes

/// Who is invited to organizations, by letters that a server with a mail relay sends.
package struct AdministerInvitations: Sendable {
    let database: any Database
    let instanceKey: InstanceKey
    /// Who does it.
    let actor: OrganizationActor

    package init(
        database: any Database, instanceKey: InstanceKey, by actor: OrganizationActor
    ) {
        self.database = database
        self.instanceKey = instanceKey
        self.actor = actor
    }

    /// What became of a change.
    package enum Change: Sendable {
        case changed(Invitation)
        case notFound
        /// The address has an invitation to the organization that waits for an answer.
        case taken
        /// Whoever has the address is a member already.
        case member
        /// There is no role of that name for the organization.
        case noRole(OrganizationRole.Name)
        /// There are more than ``Membership/mostRoles``.
        case tooManyRoles
        /// The organization has more invitations than it may.
        case tooMany
        /// Nothing can be done to an invitation in this state.
        case unfit(Invitation.State)
        /// Letters were asked for too often.
        case limited(LimitExceeded)
        /// Whoever wanted it may not do it, and nothing was changed.
        case refused(AdministrationRefusal)
        /// The organization is suspended or being deleted.
        case away
        /// The organization is gone.
        case gone
    }

    /// The invitations to an organization after one of them, oldest first.
    package func list(
        to organization: Organization.ID, in tenant: Tenant.ID, after id: Invitation.ID?, limit: Int
    ) async throws -> [Invitation] {
        try await database.read {
            try $0.records(of: tenant).invitations.list(to: organization, after: id, limit: limit)
        }
    }

    /// Invites whoever has an address; the letter is sent as soon as a server with a relay gets to it.
    package func invite(
        _ terms: Invitation.Terms, to organization: Organization.ID, of tenant: Tenant.ID,
        answeredAt issuer: Issuer, on occasion: Occasion
    ) async throws -> Change {
        let invitation = Invitation(
            terms, to: organization, answeredAt: issuer, at: occasion.now)
        return try await perform(to: organization, of: tenant, on: occasion) {
            records, power in
            if let refusal = try records.refusal(of: invitation, to: power) {
                return .refused(refusal)
            }
            if let obstacle = try records.obstacle(to: invitation) { return obstacle }
            let letters = letters(to: invitation, of: tenant, by: power.actor)
            switch try letters.count(in: records, on: occasion) {
            case .exceeded(let exceeded): return .limited(exceeded)
            case .counted(let counted):
                guard try records.invitations.insert(invitation) else {
                    try counted.giveBack(in: records)
                    return .taken
                }
            }
            try records.append(.invitationCreated, invitation, by: power.actor, on: occasion)
            return .changed(invitation)
        }
    }

    /// Sends another letter, which makes the one before worthless, and gives the invitation a new
    /// time.
    package func resend(
        _ id: Invitation.ID, to organization: Organization.ID, for lifetime: Lifetime,
        of tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> Change {
        try await perform(to: organization, of: tenant, on: occasion) { records, power in
            guard let old = try records.invitations.find(id, to: organization) else {
                return .notFound
            }
            if let refusal = try records.refusal(of: old, to: power) { return .refused(refusal) }
            let letters = letters(to: old, of: tenant, by: power.actor)
            switch try letters.count(in: records, on: occasion) {
            case .exceeded(let exceeded): return .limited(exceeded)
            case .counted(let counted):
                let renewed = old.renewed(for: lifetime, at: occasion.now)
                guard try records.invitations.renew(renewed) else {
                    try counted.giveBack(in: records)
                    return .unfit(old.state(at: occasion.now))
                }
                try records.append(.invitationResent, renewed, by: power.actor, on: occasion)
                return .changed(renewed)
            }
        }
    }

    /// Takes an invitation back that waits for an answer.
    package func revoke(
        _ id: Invitation.ID, to organization: Organization.ID, of tenant: Tenant.ID,
        on occasion: Occasion
    ) async throws -> Change {
        try await database.write { transaction in
            let records = transaction.records(of: tenant)
            guard try records.organizations.hold(organization),
                let old = try records.invitations.find(id, to: organization)
            else { return .notFound }
            let power = try records.power(of: actor, in: organization, on: occasion)
            if let refusal = try records.refusal(of: old, to: power) { return .refused(refusal) }
            let isRevoked = try records.invitations.revoke(id, at: occasion.now)
            guard let new = try records.invitations.find(id, to: organization) else {
                return .notFound
            }
            // Whoever accepts at the same moment may have been first.
            guard isRevoked else { return .unfit(new.state(at: occasion.now)) }
            try records.append(.invitationRevoked, old, by: power.actor, on: occasion)
            return .changed(new)
        }
    }

    private func perform(
        to organization: Organization.ID, of tenant: Tenant.ID, on occasion: Occasion,
        _ change: @escaping @Sendable (TenantRecords, OrganizationPower) throws -> Change
    ) async throws -> Change {
        let outcome = try await database.writeUnlessGone { transaction -> Change in
            let records = transaction.records(of: tenant)
            guard try records.organizations.hold(organization) else { return .gone }
            guard try records.organizations.isActive(organization) else { return .away }
            return try change(records, records.power(of: actor, in: organization, on: occasion))
        }
        return outcome ?? .gone
    }

    /// One letter to an address, as it is counted.
    private func letters(
        to invitation: Invitation, of tenant: Tenant.ID, by actor: Event.Actor
    ) -> Attempt {
        let keys = AttemptKeys(instanceKey: instanceKey, tenant: tenant)
        let organization = invitation.organizationID.text
        return Attempt(
            [
                keys.counter(.invitationAddress, invitation.email.key),
                keys.counter(.invitationOrganization, organization),
            ], by: actor, of: organization)
    }
}

extension TenantRecords {
    /// Why an actor may not do anything to an invitation; nil if they may.
    fileprivate func refusal(
        of invitation: Invitation, to power: OrganizationPower
    ) throws -> AdministrationRefusal? {
        var makesOwner = invitation.scopes.contains(.owner)
        // A role that is gone, or one too many, makes nobody anything.
        if case .found(let roles?) = try roles(
            meantBy: invitation.roles, in: invitation.organizationID)
        {
            makesOwner = makesOwner || roles.contains(where: \.isOwner)
        }
        return power.refusal(of: .invitation(makesOwner: makesOwner))
    }

    /// Why nobody can be invited so; nil if they can.
    fileprivate func obstacle(to invitation: Invitation) throws -> AdministerInvitations.Change? {
        let organization = invitation.organizationID
        switch try roles(meantBy: invitation.roles, in: organization) {
        case .found: break
        case .missing(let name): return .noRole(name)
        case .tooMany: return .tooManyRoles
        }
        if let user = try users.find(.email(invitation.email)),
            try memberships.find(user.id, in: organization) != nil
        {
            return .member
        }
        guard try invitations.count(to: organization) < Invitation.mostOfOrganization else {
            return .tooMany
        }
        return nil
    }

    fileprivate func append(
        _ kind: Event.Kind, _ invitation: Invitation, by actor: Event.Actor,
        on occasion: Occasion
    ) throws {
        try events.append(
            Event(
                kind, by: actor, of: invitation.id.text,
                detail: [("organization", invitation.organizationID.text)]),
            on: occasion)
    }
}

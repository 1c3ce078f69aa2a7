private import GatehouseProtocol
package import GatehouseSQL

/// API keys, made and revoked.
package struct AdministerAPIKeys: Sendable {
    let database: any Database
    /// Who does it.
    let actor: OrganizationActor

    package init(database: any Database, by actor: OrganizationActor) {
        self.database = database
        self.actor = actor
    }

    /// What became of a key that was to be made.
    package enum Made: Sendable {
        /// The secret is shown here, and never again.
        case made(APIKey, Secret)
        /// The owner has ``APIKey/limit`` of them.
        case tooMany
        /// There is no such resource.
        case noResource(String)
        /// Whoever wanted it may not do it, and nothing was changed.
        case refused(AdministrationRefusal)
        /// The owner is gone, or not in the organization.
        case gone
    }

    /// What became of a key that was to be revoked.
    package enum Revocation: Sendable {
        case revoked
        /// There is none of that id, or it is not one of the organization's.
        case notFound
        /// Whoever wanted it may not do it, and nothing was changed.
        case refused(AdministrationRefusal)
    }

    package func create(
        in tenant: Tenant.ID, on occasion: Occasion,
        _ make: @escaping @Sendable (Secret) -> APIKey
    ) async throws -> Made {
        let secret = Secret(for: .apiKey)
        let key = make(secret)
        let outcome = try await database.writeUnlessGone { transaction -> Made in
            let records = transaction.records(of: tenant)
            // One after the other, so that two at once are not one too many.
            if let user = key.owner.user, try !records.users.hold(user) { return .gone }
            if let organization = key.owner.organization,
                try !records.organizations.hold(organization)
            {
                return .gone
            }
            let power = try records.power(of: actor, for: key.owner, on: occasion)
            if let refusal = try records.refusal(of: key, to: power) { return .refused(refusal) }
            guard try records.mayGive(key, power) else { return .refused(.notTheirsToGive) }
            let known = try records.resources.all().map(\.indicator.text)
            if let unknown = key.audience.first(where: { !known.contains($0) }) {
                return .noResource(unknown)
            }
            guard try records.apiKeys.count(of: key.owner) < APIKey.limit else { return .tooMany }
            try records.apiKeys.insert(key, digest: secret.digest)
            try records.events.append(
                Event(.apiKeyCreated, by: power.actor, of: key.id.text, detail: key.detail),
                on: occasion)
            return .made(key, secret)
        }
        return outcome ?? .gone
    }

    package func list(
        in tenant: Tenant.ID, of user: User.ID?, in organization: Organization.ID?,
        after id: APIKey.ID?, limit: Int
    ) async throws -> [APIKey] {
        try await database.read {
            try $0.records(of: tenant).apiKeys
                .list(of: user, in: organization, after: id, limit: limit)
        }
    }

    /// Makes a key useless at once: any of the tenant's, or one of an organization if that is named.
    package func revoke(
        _ id: APIKey.ID, of organization: Organization.ID? = nil, in tenant: Tenant.ID,
        on occasion: Occasion
    ) async throws -> Revocation {
        try await database.write { transaction in
            let records = transaction.records(of: tenant)
            if let organization, try !records.organizations.hold(organization) {
                return .notFound
            }
            guard let key = try records.apiKeys.find(id),
                organization == nil || key.owner.organization == organization
            else { return .notFound }
            let power = try records.power(of: actor, for: key.owner, on: occasion)
            if let refusal = try records.refusal(of: key, to: power) { return .refused(refusal) }
            guard try records.apiKeys.delete(id) else { return .notFound }
            try records.events.append(
                Event(.apiKeyRevoked, by: power.actor, of: id.text), on: occasion)
            return .revoked
        }
    }
}

extension TenantRecords {
    /// What an actor may do to the keys of an owner: a member who administers an organization has no
    /// business with those that are outside of it.
    fileprivate func power(
        of actor: OrganizationActor, for owner: APIKey.Owner, on occasion: Occasion
    ) throws -> OrganizationPower {
        if let organization = owner.organization {
            return try power(of: actor, in: organization, on: occasion)
        }
        if case .operator = actor { return .all(occasion.operator) }
        return .none(.noAdministrator)
    }

    /// True if an actor may make a key that does so much.
    fileprivate func mayGive(_ key: APIKey, _ power: OrganizationPower) throws -> Bool {
        guard let organization = key.owner.organization else { return true }
        return try power.mayGive(
            key.scopes, by: organizationRoles.allMeant(in: organization))
    }

    fileprivate func refusal(
        of key: APIKey, to power: OrganizationPower
    ) throws -> AdministrationRefusal? {
        let ofOwner = try key.owner.organization.map { try isOwner(key.owner.user, of: $0) }
        return power.refusal(of: .apiKey(ofOwner: ofOwner ?? false))
    }
}

extension APIKey {
    /// Whose it is, for the event that tells of it.
    fileprivate var detail: [(name: StaticString, value: String)] {
        [
            owner.user.map { ("user", $0.text) },
            owner.organization.map { ("organization", $0.text) },
        ].compactMap { $0 }
    }
}

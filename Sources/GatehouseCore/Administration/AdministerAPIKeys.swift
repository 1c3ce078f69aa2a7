private import GatehouseProtocol
package import GatehouseSQL

/// API keys, made and revoked.
package struct AdministerAPIKeys: Sendable {
    let database: any Database

    package init(database: any Database) {
        self.database = database
    }

    /// What became of a key that was to be made.
    package enum Made: Sendable {
        /// The secret is shown here, and never again.
        case made(APIKey, Secret)
        /// The owner has ``APIKey/limit`` of them.
        case tooMany
        /// There is no such resource.
        case noResource(String)
        /// The owner is gone, or not in the organization.
        case gone
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
            let known = try records.resources.all().map(\.indicator.text)
            if let unknown = key.audience.first(where: { !known.contains($0) }) {
                return .noResource(unknown)
            }
            guard try records.apiKeys.count(of: key.owner) < APIKey.limit else { return .tooMany }
            try records.apiKeys.insert(key, digest: secret.digest)
            try records.events.append(
                Event(.apiKeyCreated, by: .operatorAtShell, of: key.id.text, detail: key.detail),
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

    /// Makes a key useless at once; false if there is none of that id.
    package func revoke(
        _ id: APIKey.ID, in tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> Bool {
        try await database.write { transaction in
            let records = transaction.records(of: tenant)
            guard try records.apiKeys.delete(id) else { return false }
            try records.events.append(
                Event(.apiKeyRevoked, by: .operatorAtShell, of: id.text), on: occasion)
            return true
        }
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

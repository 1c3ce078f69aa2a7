import GatehouseSQL

/// How the clients of a tenant may make themselves known, and the tokens that let them in.
package struct AdministerRegistration: Sendable {
    let database: any Database
    let registry: Registry

    /// Changes the policy; nil if there is no such tenant.
    package func change(
        _ slug: Slug, on occasion: Occasion,
        _ change: @escaping @Sendable (inout RegistrationPolicy) -> Void
    ) async throws -> RegistrationPolicy? {
        try await registry.change { transaction in
            guard try transaction.tenants.hold(slug),
                var tenant = try transaction.tenants.find(slug)
            else { return nil }
            let old = tenant.registrationPolicy
            change(&tenant.registrationPolicy)
            try transaction.tenants.update(tenant)
            let documents = tenant.registrationPolicy.documents
            var detail: [(name: StaticString, value: String)] = [
                ("mode", tenant.registrationPolicy.mode.rawValue),
                ("documents", documents.mode.rawValue),
            ]
            if old.documents.mode != .off, old.documents != documents {
                detail.append(("admits_fewer", "true"))
            }
            try transaction.records(of: tenant.id).events.append(
                Event(
                    .registrationPolicyChanged, by: occasion.operator, of: tenant.id.text,
                    detail: detail),
                on: occasion)
            return tenant.registrationPolicy
        }
    }

    /// Makes a token, which is shown here and never again.
    package func issue(
        _ token: InitialAccessToken, in tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> Secret {
        let secret = Secret(for: .initialAccessToken)
        try await database.write { transaction in
            let records = transaction.records(of: tenant)
            try records.initialAccessTokens.insert(token, digest: secret.digest)
            try records.events.append(
                Event(
                    .initialAccessTokenCreated, by: occasion.operator, of: token.id.text,
                    detail: [("uses", String(token.usesLeft))]),
                on: occasion)
        }
        return secret
    }

    /// The tokens of a tenant, oldest first.
    package func tokens(of tenant: Tenant.ID) async throws -> [InitialAccessToken] {
        try await database.read { try $0.records(of: tenant).initialAccessTokens.all() }
    }

    /// Makes a token useless at once; false if there is none of that id.
    package func delete(
        _ id: InitialAccessToken.ID, in tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> Bool {
        try await database.write { transaction in
            let records = transaction.records(of: tenant)
            guard try records.initialAccessTokens.delete(id) else { return false }
            try records.events.append(
                Event(.initialAccessTokenDeleted, by: occasion.operator, of: id.text),
                on: occasion)
            return true
        }
    }
}

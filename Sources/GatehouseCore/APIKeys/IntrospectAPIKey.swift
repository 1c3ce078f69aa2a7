private import GatehouseEncoding
import GatehouseProtocol
private import GatehouseScopes
import GatehouseSQL

/// Tells an API whether an API key is good, and what it says (RFC 7662).
///
/// Only clients that speak for an API which the key is for are told. What a key of somebody in an
/// organization allows is looked up anew: never more than what they may do there now.
struct IntrospectAPIKey: Sendable {
    let registry: Registry
    let usage: UsageRecorder

    func introspect(
        _ presented: Secret, from address: IPAddress?, by caller: Client, of tenant: Tenant,
        through issuer: Issuer, at now: Timestamp
    ) async throws -> IntrospectionResponse {
        let found = try await registry.database.read { transaction -> (APIKey, MembershipScopes)? in
            let records = transaction.records(of: tenant.id)
            guard let key = try records.apiKeys.find(presented.digest),
                key.isUsable(from: address, at: now),
                let scopes = try records.currentScopes(of: key, in: tenant, at: now)
            else { return nil }
            return (key, scopes)
        }
        guard let (key, scopes) = found else { return .inactive }
        let resources = try await registry.resources(of: tenant.id, at: now)
        guard resources.speaks(caller.id, for: key.audience) else { return .inactive }
        usage.record(apiKey: key.id, of: tenant.id, at: now)
        return .active(key.claims(scopes, issuer: issuer), type: "Bearer")
    }
}

extension TenantRecords {
    /// What a key allows now; nil if its owner may do nothing any more.
    fileprivate func currentScopes(
        of key: APIKey, in tenant: Tenant, at now: Timestamp
    ) throws -> MembershipScopes? {
        if let user = key.owner.user {
            let person = try users.find(user)
            var standing = Standing(tenant: tenant)
            standing.user = .involved(person)
            guard standing.mayAct(at: now) else { return nil }
            if case .barred = try person.map(domainAdmission) { return nil }
        }
        switch key.owner {
        case .user: return key.scopes
        case .organization(let organization):
            return try organizations.isActive(organization) ? key.scopes : nil
        case .member(let user, let organization):
            guard let membership = try memberships.findCurrent(of: user, in: organization) else {
                return nil
            }
            // Of all roles together these may be more than any of them has.
            let held = MembershipScopes(of: membership.scopes.compactMap { MembershipScope($0) })
            return key.scopes.allowed(byHolding: held)
        }
    }
}

extension APIKey {
    /// What an API is told of a key.
    fileprivate func claims(_ scopes: MembershipScopes, issuer: Issuer) -> JSONObject {
        var claims = JSONObject([
            ("iss", .string(issuer.text)), ("sub", .string(subject)),
            (
                "aud",
                audience.count == 1 ? .string(audience[0]) : .array(audience.map { .string($0) })
            ),
            ("scope", .string(scopes.texts.joined(separator: " "))),
            ("iat", .integer(createdAt.seconds)), ("jti", .string(id.text)),
            ("dat", ["type": .string(owner.user == nil ? "key" : "token")]),
        ])
        if let expiresAt { claims.add("exp", .integer(expiresAt.seconds)) }
        if let organization = owner.organization {
            claims.add("org_id", .string(organization.text))
        }
        return claims
    }

    /// The person for whom it acts or, if there is none, the organization.
    private var subject: String {
        switch owner {
        case .user(let user), .member(let user, _): user.text
        case .organization(let organization): organization.text
        }
    }
}

private import GatehouseJOSE
package import GatehouseProtocol
package import GatehouseSQL

/// The `jwt-bearer` grant type (RFC 7523 §2.1): an issuer that the tenant trusts says who is meant,
/// and the client gets an access token for them.
///
/// Nobody signs in here, so there is no session, no ID token and no refresh token: whoever wants
/// another access token brings another assertion.
package struct JWTBearerGrant: Sendable {
    let database: any Database
    let issuer: TokenIssuer
    let publishedKeys: PublishedKeys
    let failures: FailureLimits

    package init(
        database: any Database, issuer: TokenIssuer, publishedKeys: PublishedKeys,
        failures: FailureLimits
    ) {
        self.database = database
        self.issuer = issuer
        self.publishedKeys = publishedKeys
        self.failures = failures
    }

    private static let unusable = OAuthError(
        .invalidGrant, "The assertion is malformed, expired, used, or not one that is accepted.")

    /// Who brings the assertion, and in which request.
    private struct Asking: Sendable {
        let request: JWTBearerRequest
        let client: Client
        let tenant: Tenant
        let address: Issuer
        let occasion: Occasion

        var now: Timestamp { occasion.now }
    }

    private enum Outcome: Sendable { case issued, reused, gone, replayed }

    package func redeem(
        _ request: JWTBearerRequest, by client: Client, of tenant: Tenant,
        through address: Issuer, on occasion: Occasion
    ) async throws -> TokenResponse {
        let asking = Asking(
            request: request, client: client, tenant: tenant, address: address,
            occasion: occasion)
        let trusted = try await database.read { try $0.records(of: tenant.id).trustedIssuers.all() }
            .filter { $0.disabledAt == nil && $0.terms.clients.contains(client.id) }
        guard !trusted.isEmpty else {
            throw OAuthError(.unauthorizedClient, "The client may not use this grant type.")
        }
        let (assertion, other) = try await verified(asking, by: trusted)
        guard let user = try await user(assertion, of: other, in: tenant.id),
            Self.mayAct(user, asking)
        else {
            try await note("subject", other, asking)
            throw Self.unusable
        }
        return try await issue(assertion, of: other, for: user, asking)
    }

    /// The assertion, if one of these issuers signed it for us.
    private func verified(
        _ asking: Asking, by trusted: [TrustedIssuer]
    ) async throws -> (GrantAssertion, TrustedIssuer) {
        do throws(JOSEError) {
            let assertion = try GrantAssertion(
                asking.request.assertion, to: asking.address, at: asking.now)
            guard let other = trusted.first(where: { $0.name == assertion.issuer }) else {
                throw .unknownKey
            }
            try await verify(assertion, of: other, asking)
            return (assertion, other)
        } catch {
            try await failures.count(
                .grant(by: asking.client), of: asking.tenant.id, on: asking.occasion)
            throw Self.unusable
        }
    }

    private func verify(
        _ assertion: GrantAssertion, of other: TrustedIssuer, _ asking: Asking
    ) async throws(JOSEError) {
        let algorithms = other.terms.algorithms
        try await publishedKeys.verify(
            with: other.terms.keys, of: .issuer(other.id), in: asking.tenant.id,
            on: asking.occasion
        ) { keys throws(JOSEError) in
            try assertion.verify(by: keys, algorithms)
        }
    }

    /// Whom the issuer means, by its terms.
    private func user(
        _ assertion: GrantAssertion, of other: TrustedIssuer, in tenant: Tenant.ID
    ) async throws -> User? {
        try await database.read { transaction -> User? in
            let records = transaction.records(of: tenant)
            switch other.terms.mapping {
            case .user:
                return try User.ID(parsing: assertion.subject).flatMap(records.users.find)
            case .email:
                guard let email = EmailAddress(parsing: assertion.subject),
                    let user = try records.users.find(.email(email)), user.emailVerifiedAt != nil
                else { return nil }
                return user
            case .link:
                return try records.trustedIssuers.user(assertion.subject, of: other.id)
                    .flatMap(records.users.find)
            }
        }
    }

    private static func mayAct(_ user: User?, _ asking: Asking) -> Bool {
        var standing = Standing(tenant: asking.tenant)
        standing.client = .involved(asking.client)
        standing.user = .involved(user)
        do {
            try GatehouseCore.mayAct(standing, at: asking.now)
            return true
        } catch {
            return false
        }
    }

    private func issue(
        _ assertion: GrantAssertion, of other: TrustedIssuer, for user: User, _ asking: Asking
    ) async throws -> TokenResponse {
        let (client, request, now) = (asking.client, asking.request, asking.now)
        guard let targets = other.targets(request.resources) else {
            throw OAuthError(.invalidTarget, "The issuer gives no tokens for this resource.")
        }
        let resources = try await issuer.registry.resources(of: asking.tenant.id, at: now)
        var target = try resources.target(resources.audience(targets, by: client), of: client)
        target.lifetime = min(target.lifetime, other.terms.longestLifetime)
        let scope = try other.scope(request.scope, to: client, at: target)
        let grant = Grant(
            to: client, of: user.id, scope: scope, issuer: asking.address, target: target, at: now)
        let parties = Parties(
            tenant: asking.tenant, client: client, user: user,
            confirmation: request.proof?.confirmation)
        var claims = try await issuer.accessToken(
            for: grant, scope: scope, to: target, parties: parties, at: now)
        claims.authenticatedAt = nil

        // Mint first: signing may fail, and nothing may fail after the commit.
        let minted = try await issuer.mint(
            claims, to: target, by: client.id, under: grant.id, of: asking.tenant.id, at: now)

        // Commit last. The outcome is a value: throwing in here would undo what is noted.
        let redemption = Redemption(
            assertion: assertion, trusted: other, grant: grant, tokenID: claims.tokenID,
            proof: request.proof, record: minted.record, asking: asking)
        let outcome = try await database.writeUnlessGone { [tenant = asking.tenant.id] in
            try redemption.claim(in: $0.records(of: tenant))
        }
        guard outcome != .replayed else { throw CheckDPoPProof.replayed }
        guard outcome == .issued else { throw Self.unusable }
        return TokenResponse(
            accessToken: minted.text, expiresIn: target.lifetime.seconds, refreshToken: nil,
            idToken: nil, scope: scope, confirmation: parties.confirmation)
    }

    /// Notes that an assertion was signed by whom we trust, and leads to nobody here.
    private func note(
        _ reason: String, _ other: TrustedIssuer, _ asking: Asking
    ) async throws {
        let event = Event(
            .assertionRefused, by: .client(asking.client.id), of: other.id.text,
            detail: [("reason", reason)])
        try await database.write { [tenant = asking.tenant.id, occasion = asking.occasion] in
            try $0.records(of: tenant).events.append(event, on: occasion)
        }
    }

    /// The transaction's part of redeeming an assertion.
    private struct Redemption: Sendable {
        let assertion: GrantAssertion
        let trusted: TrustedIssuer
        let grant: Grant
        let tokenID: String
        let proof: Possession?
        let record: OpaqueAccessToken?
        let asking: Asking

        /// Issues to exactly one of those who bring the assertion, on whichever node.
        func claim(in records: TenantRecords) throws -> Outcome {
            // First: a request that only repeats another's proof is none, and changes nothing.
            if let proof, try !records.dpopProofs.use(proof) { return .replayed }
            guard try records.grantAssertions.use(assertion) else {
                if try records.grantAssertions.noteReuse(assertion, at: asking.now) {
                    try append(.assertionReused, [], to: records)
                }
                return .reused
            }
            // Asked anew: what ended while the keys were fetched has ended.
            guard let user = try records.users.find(grant.userID),
                JWTBearerGrant.mayAct(user, asking), try records.trustedIssuers.isLive(trusted.id)
            else { return .gone }
            let admission = try records.domainAdmission(of: user)
            if case .barred = admission { return .gone }
            try records.grants.insert(grant.given(through: admission.organization))
            if let record { try records.opaqueAccessTokens.insert(record) }
            try append(
                .assertionAccepted,
                [("user", grant.userID.text), ("grant", grant.id.text), ("token", tokenID)],
                to: records)
            return .issued
        }

        private func append(
            _ kind: Event.Kind, _ detail: [(name: StaticString, value: String)],
            to records: TenantRecords
        ) throws {
            try records.events.append(
                Event(kind, by: .client(asking.client.id), of: trusted.id.text, detail: detail),
                on: asking.occasion)
        }
    }
}

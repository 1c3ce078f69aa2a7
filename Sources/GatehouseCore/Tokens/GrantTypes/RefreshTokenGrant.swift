private import GatehouseEncoding
package import GatehouseProtocol
package import GatehouseSQL

/// The `refresh_token` grant type: RFC 6749 §6, with rotation and reuse detection per RFC 9700
/// §4.14.2 for clients that cannot keep a secret, and a stable token for those that can, or that
/// prove to have the key that it is bound to (RFC 9449 §5).
package struct RefreshTokenGrant: Sendable {
    let database: any Database
    let issuer: TokenIssuer
    let instanceKey: InstanceKey
    let failures: FailureLimits
    let usage: UsageRecorder

    package init(
        database: any Database, issuer: TokenIssuer, instanceKey: InstanceKey,
        failures: FailureLimits, usage: UsageRecorder
    ) {
        self.usage = usage
        self.database = database
        self.issuer = issuer
        self.instanceKey = instanceKey
        self.failures = failures
    }

    private static let over = OAuthError(
        .invalidGrant, "The refresh token is unknown, expired or revoked.")
    private static let reused = OAuthError(
        .invalidGrant, "The refresh token was already used; its grant is revoked.")

    private static let unaskedOrganization = OAuthError(
        .invalidGrant,
        "The person allowed it in another organization: ask at the authorization endpoint.")

    private struct Found: Sendable {
        let token: RefreshToken
        let standing: GrantStanding
        let user: User

        var grant: Grant { standing.grant }

        /// Whether the token is replaced when the client uses it.
        ///
        /// One that is bound to a key stays: the key is worth more than rotation, which only adds a
        /// way to lose the token. One that was replaced before its grant was bound is judged as
        /// what it is.
        func rotates(for client: Client) -> Bool {
            client.policies.rotation == .rotate
                && (grant.confirmation == nil || token.consumedAt != nil)
        }

        /// Whether the time of the token is over, or that of what it stands on.
        func isOld(at now: Timestamp) -> Bool {
            let session = grant.isOffline ? nil : standing.session
            let hasLapsed = session.map { $0.endedAt == nil && !$0.isLive(at: now) } ?? false
            return token.expiresAt <= now || grant.expiresAt <= now || hasLapsed
        }
    }

    private enum Outcome: Sendable { case issued, revoked, reused, replayed }

    package func redeem(
        _ request: RefreshTokenRequest, by client: Client, of tenant: Tenant,
        through address: Issuer, on occasion: Occasion
    ) async throws -> TokenResponse {
        try client.requireGrantType(.refreshToken)
        guard let presented = Secret(request.refreshToken, for: .refreshToken),
            let found = try await find(presented.digest, in: tenant),
            found.grant.issuer.isExactly(address.text)
        else {
            try await failures.count(.grant(by: client), of: tenant.id, on: occasion)
            throw Self.over
        }
        let successor = instanceKey.successor(of: presented, in: tenant.id)
        let rotates = found.rotates(for: client)
        var use = Use(
            presented: presented, successor: rotates ? successor : nil, proof: request.proof,
            grant: found.grant, client: client, occasion: occasion)
        let parties = Parties(
            tenant: tenant, client: client, user: found.user,
            confirmation: request.proof?.confirmation)
        let minted: MintedTokens
        do {
            let scope = try await authorize(
                request, found, by: client, of: tenant, on: occasion)
            // Mint first: signing may fail, and nothing may fail after the commit.
            minted = try await issuer.tokens(
                for: try selecting(request, found, by: client)
                    .narrowed(to: request.authorizationDetails),
                scope: scope, asking: request.resources, nonce: nil,
                parties: parties, at: occasion.now)
        } catch let refusal as OAuthError
            where [.invalidScope, .invalidTarget, .invalidAuthorizationDetails]
            .contains(refusal.code)
            || [TokenIssuer.lostOrganization, Self.unaskedOrganization].contains(refusal)
        {
            // A spent token is a spent token, whatever else is wrong with the request.
            if found.token.consumedAt != nil { try await commit(use, in: tenant) }
            throw refusal
        }
        use.record = minted.record
        use.isOutgrown = minted.isOutgrown
        use.selection = try selecting(request, found, by: client).organizationID
        try await commit(use, in: tenant)
        return minted.response.with(refreshToken: rotates ? successor : presented)
    }

    /// The grant with the organization that the client switches to, if it is told of organizations; the
    /// one that was selected last stays otherwise.
    ///
    /// Whether the person acts there is seen when the tokens are made.
    private func selecting(
        _ request: RefreshTokenRequest, _ found: Found, by client: Client
    ) throws(OAuthError) -> Grant {
        guard let text = request.organizationID, client.policies.organizations.isAsked else {
            return found.grant
        }
        guard let id = Organization.ID(parsing: text) else {
            throw TokenIssuer.lostOrganization
        }
        // What a person allows somebody else's client, they allow in one organization.
        guard !client.isOfThirdParty || id == found.grant.organizationID else {
            throw Self.unaskedOrganization
        }
        return found.grant.selecting(id)
    }

    /// Commits last.
    ///
    /// The outcome is a value: throwing inside would undo the revocation.
    private func commit(_ use: Use, in tenant: Tenant) async throws {
        let outcome = try await database.write { transaction in
            try use.commit(in: transaction.records(of: tenant.id))
        }
        switch outcome {
        case .issued:
            usage.record(
                [ClientUse(.refresh, by: use.client.id, at: use.occasion.now)], of: tenant.id)
        case .revoked: throw Self.over
        case .reused: throw Self.reused
        case .replayed: throw CheckDPoPProof.replayed
        }
    }

    private func find(_ digest: SecretDigest, in tenant: Tenant) async throws -> Found? {
        try await database.ask { transaction -> Found? in
            let tokens = transaction.records(of: tenant.id).refreshTokens
            guard let (token, standing) = try tokens.findStanding(digest),
                let user = standing.user
            else { return nil }
            return Found(token: token, standing: standing, user: user)
        }
    }

    /// The scope to issue.
    ///
    /// A client that presents another's token is refused and noted, and harms nobody's grant by it.
    private func authorize(
        _ request: RefreshTokenRequest, _ found: Found, by client: Client, of tenant: Tenant,
        on occasion: Occasion
    ) async throws -> Scope {
        if found.grant.clientID != client.id {
            try await database.write { transaction in
                try transaction.records(of: tenant.id).events.append(
                    Event(.refreshTokenRefused, by: .client(client.id), of: found.grant.id.text),
                    on: occasion)
            }
            throw Self.over
        }
        // Before anything else is looked at: what was refused for its age stays so.
        if found.token.consumedAt == nil, found.isOld(at: occasion.now) {
            try await database.write {
                try $0.records(of: tenant.id).refreshTokens
                    .spend(found.token.digest, at: occasion.now)
            }
            throw Self.over
        }
        guard found.standing.standing(in: tenant, client: client).mayAct(at: occasion.now) else {
            throw Self.over
        }
        guard client.policies.refreshTokens != .never else { throw Self.over }
        // What was taken from the client since is not issued any more.
        return try found.token.authorize(
            request, under: found.grant, by: client.id, at: occasion.now
        ).intersection(client.scope)
    }

    /// The transaction's part of using a refresh token.
    private struct Use: Sendable {
        let presented: Secret
        /// The token that replaces it; nil if it stays.
        let successor: Secret?
        let proof: Possession?
        let grant: Grant
        let client: Client
        /// What makes the access token valid if it is opaque.
        var record: OpaqueAccessToken?
        /// The organization that is selected from now on.
        var selection: Organization.ID?
        var isOutgrown = false
        let occasion: Occasion

        func commit(in records: TenantRecords) throws -> Outcome {
            let now = occasion.now
            // A request that only repeats another's proof is none, and changes nothing.
            if let proof, try !records.dpopProofs.use(proof) { return .replayed }
            // The session first and then the grant: whoever ends a session takes them in this order.
            let touched = [
                grant.isOffline ? nil : try records.sessions.touch(grant.sessionID, at: now),
                try records.grants.touch(
                    grant.id, confirmedBy: client.binding(by: proof), at: now),
            ]
            let claim = try successor.map { successor in
                try records.refreshTokens.claim(
                    presented.digest, successor: successor.digest, at: now,
                    leeway: client.policies.rotationLeeway)
            }
            guard try touched.allSatisfy({ try $0?.changedOne() ?? true }) else { return .revoked }
            if let record { try records.opaqueAccessTokens.insert(record) }
            if let selection, selection != grant.organizationID {
                try records.grants.select(selection, for: grant.id)
            }
            guard let successor, let claim else { return try keep(in: records) }
            switch claim {
            case .first:
                try records.refreshTokens.insert(RefreshToken(successor, of: grant, at: now))
                try appendRefreshed(to: records)
                return .issued
            case .retry:
                return .issued
            case .reuse:
                _ = try records.grants.revoke(grant.id, at: now)
                try append(.refreshTokenReused, to: records)
                return .reused
            }
        }

        /// Lets a token that is not rotated live on.
        ///
        /// One that was rotated before the client's policy changed is spent all the same.
        private func keep(in records: TenantRecords) throws -> Outcome {
            let expiry = RefreshToken(presented, of: grant, at: occasion.now).expiresAt
            guard try records.refreshTokens.extend(presented.digest, to: expiry) else {
                _ = try records.grants.revoke(grant.id, at: occasion.now)
                try append(.refreshTokenReused, to: records)
                return .reused
            }
            try appendRefreshed(to: records)
            return .issued
        }

        private func appendRefreshed(to records: TenantRecords) throws {
            try append(.tokenRefreshed, to: records)
            if isOutgrown { try append(.tokenOutgrown, to: records) }
        }

        private func append(_ kind: Event.Kind, to records: TenantRecords) throws {
            try records.events.append(
                Event(kind, by: .client(client.id), of: grant.id.text), on: occasion)
        }
    }
}

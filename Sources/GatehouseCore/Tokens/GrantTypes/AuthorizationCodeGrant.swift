private import GatehouseEncoding
package import GatehouseProtocol
package import GatehouseSQL

/// The `authorization_code` grant type (RFC 6749 §4.1.3, RFC 7636 §4.6).
///
/// A code is spent by the first request of its client, right or wrong. Presenting it again revokes
/// what it yielded (RFC 6749 §4.1.2): one of the two who had it is a thief.
package struct AuthorizationCodeGrant: Sendable {
    let database: any Database
    let issuer: TokenIssuer
    let failures: FailureLimits

    package init(database: any Database, issuer: TokenIssuer, failures: FailureLimits) {
        self.database = database
        self.issuer = issuer
        self.failures = failures
    }

    private static let unusable = OAuthError(
        .invalidGrant, "The authorization code is unknown, expired, spent or revoked.")

    private struct Found: Sendable {
        let secret: OneTimeSecret
        let code: AuthorizationCode
        let standing: GrantStanding
        let user: User

        var grant: Grant { standing.grant }

        /// Everyone that the code stands on.
        ///
        /// Even an offline grant begins in a session: ending that before the exchange counts.
        func parties(in tenant: Tenant, client: Client) -> Standing {
            var parties = standing.standing(in: tenant, client: client)
            parties.session = .involved(standing.session)
            return parties
        }
    }

    private enum Outcome: Sendable { case issued, refused, reused, unusable, replayed }

    package func redeem(
        _ request: AuthorizationCodeRequest, by client: Client, of tenant: Tenant,
        through address: Issuer, on occasion: Occasion
    ) async throws -> TokenResponse {
        try client.requireGrantType(.authorizationCode)
        guard let presented = Secret(request.code, for: .authorizationCode),
            let found = try await find(presented, in: tenant),
            found.grant.issuer.isExactly(address.text)
        else {
            try await failures.count(.grant(by: client), of: tenant.id, on: occasion)
            throw Self.unusable
        }
        guard found.grant.clientID == client.id else {
            try await refuseForeign(found.grant, presentedBy: client, of: tenant, on: occasion)
            throw Self.unusable
        }
        var problem = problem(
            of: request, with: found, found.parties(in: tenant, client: client), at: occasion.now)

        // Mint first: signing may fail, and nothing may fail after the commit.
        var minted: MintedTokens?
        var refreshToken: Secret?
        if problem == nil {
            refreshToken =
                client.wantsRefreshToken(for: found.grant.scope)
                ? Secret(for: .refreshToken) : nil
            do {
                minted = try await mint(request, found, for: client, of: tenant, on: occasion)
            } catch let error as OAuthError {
                problem = error
            }
        }

        // Commit last. The outcome is a value: throwing in here would undo the revocation.
        let redemption = Redemption(
            code: presented, proof: request.proof, grant: found.grant, client: client,
            refreshToken: refreshToken, record: minted?.record,
            isOutgrown: minted?.isOutgrown ?? false, problem: problem, occasion: occasion)
        let outcome = try await database.write { transaction -> Outcome in
            try redemption.claim(in: transaction.records(of: tenant.id))
        }
        guard outcome != .replayed else { throw CheckDPoPProof.replayed }
        guard outcome == .issued, let minted else { throw problem ?? Self.unusable }
        return minted.response.with(refreshToken: refreshToken)
    }

    private func mint(
        _ request: AuthorizationCodeRequest, _ found: Found, for client: Client,
        of tenant: Tenant, on occasion: Occasion
    ) async throws -> MintedTokens {
        let parties = Parties(
            tenant: tenant, client: client, user: found.user,
            confirmation: request.proof?.confirmation)
        return try await issuer.tokens(
            for: try found.grant.narrowed(to: request.authorizationDetails),
            scope: found.grant.scope, asking: request.resources,
            nonce: found.code.nonce, parties: parties, at: occasion.now)
    }

    private func find(_ presented: Secret, in tenant: Tenant) async throws -> Found? {
        try await database.ask { transaction -> Found? in
            let secrets = transaction.records(of: tenant.id).oneTimeSecrets
            guard let (secret, standing) = try secrets.findStanding(presented),
                let user = standing.user
            else { return nil }
            return Found(
                secret: secret, code: try AuthorizationCode(stored: secret.payload),
                standing: standing, user: user)
        }
    }

    /// Why the request cannot have the tokens; nil if it can, as far as can be told before the
    /// code is claimed.
    private func problem(
        of request: AuthorizationCodeRequest, with found: Found, _ standing: Standing,
        at now: Timestamp
    ) -> OAuthError? {
        guard found.secret.consumedAt == nil, now < found.secret.expiresAt else {
            return Self.unusable
        }
        guard standing.mayAct(at: now) else { return Self.unusable }
        return found.code.problem(with: request)
    }

    private func refuseForeign(
        _ grant: Grant, presentedBy client: Client, of tenant: Tenant, on occasion: Occasion
    ) async throws {
        try await database.write { transaction in
            try transaction.records(of: tenant.id).events.append(
                Event(.codeRefused, by: .client(client.id), of: grant.id.text), on: occasion)
        }
    }

    /// The transaction's part of redeeming a code.
    private struct Redemption: Sendable {
        let code: Secret
        let proof: Possession?
        let grant: Grant
        let client: Client
        let refreshToken: Secret?
        let record: OpaqueAccessToken?
        let isOutgrown: Bool
        let problem: OAuthError?
        let occasion: Occasion

        func claim(in records: TenantRecords) throws -> Outcome {
            let now = occasion.now
            // First: a request that only repeats another's proof is none, and changes nothing.
            if let proof, try !records.dpopProofs.use(proof) { return .replayed }
            let touched = try records.grants.touch(
                grant.id, confirmedBy: client.binding(by: proof), at: now)
            guard try records.oneTimeSecrets.claim(code, at: now).changedOne() else {
                return try judgeRepetition(in: records)
            }
            guard try touched.changedOne(), problem == nil else {
                _ = try records.grants.revoke(grant.id, at: now)
                try append(.codeRefused, to: records)
                return .refused
            }
            if let refreshToken { try records.insert(refreshToken, of: grant, at: now) }
            if let record { try records.opaqueAccessTokens.insert(record) }
            try records.sessionClients.note(grant, at: now)
            try append(.codeRedeemed, to: records)
            if isOutgrown { try append(.tokenOutgrown, to: records) }
            return .issued
        }

        /// The code was spent before, or its time is over.
        ///
        /// Only the first is a sign of theft.
        private func judgeRepetition(in records: TenantRecords) throws -> Outcome {
            guard let known = try records.oneTimeSecrets.find(code), known.consumedAt != nil else {
                try records.oneTimeSecrets.spend(code, at: occasion.now)
                return .unusable
            }
            // Brought when its time was over: nothing came of it, so nothing was stolen.
            if let consumedAt = known.consumedAt, known.expiresAt <= consumedAt { return .unusable }
            if try records.grants.revoke(grant.id, at: occasion.now) {
                try append(.codeReused, to: records)
            }
            return .reused
        }

        private func append(_ kind: Event.Kind, to records: TenantRecords) throws {
            try records.events.append(
                Event(kind, by: .client(client.id), of: grant.id.text), on: occasion)
        }
    }
}

extension Client {
    /// True if a grant of this scope yields a refresh token (OpenID Connect Core §11).
    func wantsRefreshToken(for scope: Scope) -> Bool {
        switch policies.refreshTokens {
        case .always: true
        case .never: false
        case .withOfflineAccess: scope.contains(Scope.offlineAccess)
        }
    }
}

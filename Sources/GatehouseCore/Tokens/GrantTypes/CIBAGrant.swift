private import GatehouseEncoding
package import GatehouseProtocol
package import GatehouseSQL

/// The `ciba` grant type (OpenID Connect CIBA Core §10.1): a client asks until a person has decided
/// elsewhere, and gets its tokens once.
package struct CIBAGrant: Sendable {
    let database: any Database
    let issuer: TokenIssuer
    let failures: FailureLimits

    package init(database: any Database, issuer: TokenIssuer, failures: FailureLimits) {
        self.database = database
        self.issuer = issuer
        self.failures = failures
    }

    private static let unusable = OAuthError(
        .invalidGrant, "The auth_req_id is unknown, spent or revoked.")
    private static let expired = OAuthError(.expiredToken, "The auth_req_id has expired.")

    private struct Found: Sendable {
        let secret: OneTimeSecret
        /// Nil if its time is long over, or its client is gone.
        let authentication: BackchannelAuthentication?
        /// What was allowed, with everyone that it stands on.
        let standing: GrantStanding?
    }

    private enum Outcome: Sendable { case issued, unusable, replayed }

    package func redeem(
        _ request: CIBARequest, by client: Client, of tenant: Tenant,
        through address: Issuer, on occasion: Occasion
    ) async throws -> TokenResponse {
        try client.requireGrantType(.ciba)
        guard let presented = Secret(request.authReqID, for: .authenticationRequest),
            let found = try await find(presented, in: tenant)
        else {
            try await failures.count(.grant(by: client), of: tenant.id, on: occasion)
            throw Self.unusable
        }
        guard found.secret.clientID == client.id else {
            try await refuse(found, "client", by: client, of: tenant, on: occasion)
            throw Self.unusable
        }
        let authentication = try await current(found, presented, of: tenant, on: occasion)
        guard authentication.issuer.isExactly(address.text) else { throw Self.unusable }
        guard case .allowed = authentication.decision else {
            throw try await refusal(authentication, of: tenant, on: occasion)
        }
        guard let standing = found.standing, let user = standing.user else { throw Self.unusable }
        let parties = Parties(
            tenant: tenant, client: client, user: user,
            confirmation: request.proof?.confirmation)
        return try await issue(request, presented, standing, to: parties, on: occasion)
    }

    private func find(_ presented: Secret, in tenant: Tenant) async throws -> Found? {
        try await database.read { transaction -> Found? in
            let records = transaction.records(of: tenant.id)
            guard let secret = try records.oneTimeSecrets.find(presented) else { return nil }
            let authentication = try BackchannelAuthentication.ID(payload: secret.payload)
                .flatMap(records.backchannelAuthentications.find)
            return Found(
                secret: secret, authentication: authentication,
                standing: try authentication?.grantID.flatMap(records.grants.findStanding))
        }
    }

    /// What the secret leads to, if it was neither used nor is over.
    private func current(
        _ found: Found, _ presented: Secret, of tenant: Tenant, on occasion: Occasion
    ) async throws -> BackchannelAuthentication {
        if let consumedAt = found.secret.consumedAt {
            throw found.secret.expiresAt <= consumedAt ? Self.expired : Self.unusable
        }
        guard occasion.now < found.secret.expiresAt else {
            // Spent, so that it stays over if the clock is set back.
            try await database.write {
                try $0.records(of: tenant.id).oneTimeSecrets.spend(presented, at: occasion.now)
            }
            throw Self.expired
        }
        guard let authentication = found.authentication else { throw Self.unusable }
        return authentication
    }

    /// What the client is told that nobody has let in; a poll is recorded.
    private func refusal(
        _ authentication: BackchannelAuthentication, of tenant: Tenant, on occasion: Occasion
    ) async throws -> OAuthError {
        guard authentication.decision == nil else {
            return OAuthError(.accessDenied, "The person did not allow it.")
        }
        let slowDown = OAuthError(
            .slowDown, "The client asks too often: wait 5 seconds longer each time.")
        // Nobody who waits comes here: it would only serve a flood to write any more.
        guard authentication.interval < BackchannelAuthentication.lifetime else { return slowDown }
        let isInTime = try await database.write {
            try $0.records(of: tenant.id).backchannelAuthentications
                .poll(authentication.id, at: occasion.now)
        }
        return isInTime
            ? OAuthError(.authorizationPending, "Nobody has decided yet.") : slowDown
    }

    private func issue(
        _ request: CIBARequest, _ presented: Secret, _ standing: GrantStanding,
        to parties: Parties, on occasion: Occasion
    ) async throws -> TokenResponse {
        let isAlive = isAlive(standing, parties, at: occasion.now)
        let grant = standing.grant

        // Mint first: signing may fail, and nothing may fail after the commit.
        var minted: MintedTokens?
        var refreshToken: Secret?
        if isAlive {
            refreshToken =
                parties.client.wantsRefreshToken(for: grant.scope)
                ? Secret(for: .refreshToken) : nil
            minted = try await issuer.tokens(
                for: grant, scope: grant.scope, asking: request.resources, nonce: nil,
                parties: parties, at: occasion.now)
        }

        // Commit last. The outcome is a value: throwing in here would undo the revocation.
        let redemption = Redemption(
            code: presented, proof: request.proof, grant: grant, client: parties.client,
            refreshToken: refreshToken, record: minted?.record, isAlive: isAlive,
            occasion: occasion)
        let outcome = try await database.write { transaction in
            try redemption.claim(in: transaction.records(of: parties.tenant.id))
        }
        guard outcome != .replayed else { throw CheckDPoPProof.replayed }
        guard outcome == .issued, let minted else { throw Self.unusable }
        return minted.response.with(refreshToken: refreshToken)
    }

    /// Whether everyone is alive that it stands on.
    ///
    /// Even an offline grant begins in a session: ending that before the client asks counts.
    private func isAlive(
        _ standing: GrantStanding, _ parties: Parties, at now: Timestamp
    ) -> Bool {
        var everyone = standing.standing(in: parties.tenant, client: parties.client)
        everyone.session = .involved(standing.session)
        do {
            try mayAct(everyone, at: now)
        } catch {
            return false
        }
        return standing.grant.scope.isSubset(of: parties.client.scope)
    }

    /// Notes who presents the secret of somebody else, who is not harmed by it.
    private func refuse(
        _ found: Found, _ reason: String, by client: Client, of tenant: Tenant,
        on occasion: Occasion
    ) async throws {
        try await database.write { transaction in
            try transaction.records(of: tenant.id).events.append(
                Event(
                    .backchannelRefused, by: .client(client.id),
                    of: found.authentication?.id.text, detail: [("reason", reason)]),
                on: occasion)
        }
    }

    /// The transaction's part of redeeming an `auth_req_id`.
    private struct Redemption: Sendable {
        let code: Secret
        let proof: Possession?
        let grant: Grant
        let client: Client
        let refreshToken: Secret?
        let record: OpaqueAccessToken?
        let isAlive: Bool
        let occasion: Occasion

        /// Issues to exactly one of those who present it.
        ///
        /// A client that asks again may not have got the answer, so this revokes nothing.
        func claim(in records: TenantRecords) throws -> Outcome {
            let now = occasion.now
            // First: a request that only repeats another's proof is none, and changes nothing.
            if let proof, try !records.dpopProofs.use(proof) { return .replayed }
            let touched = try records.grants.touch(
                grant.id, confirmedBy: client.binding(by: proof), at: now)
            guard try records.oneTimeSecrets.claim(code, at: now).changedOne() else {
                return .unusable
            }
            guard try touched.changedOne(), isAlive else {
                _ = try records.grants.revoke(grant.id, at: now)
                try append(.backchannelRefused, to: records)
                return .unusable
            }
            if let refreshToken { try records.insert(refreshToken, of: grant, at: now) }
            if let record { try records.opaqueAccessTokens.insert(record) }
            try records.sessionClients.note(grant, at: now)
            try append(.backchannelRedeemed, to: records)
            return .issued
        }

        private func append(_ kind: Event.Kind, to records: TenantRecords) throws {
            try records.events.append(
                Event(kind, by: .client(client.id), of: grant.id.text), on: occasion)
        }
    }
}

private import GatehouseEncoding
package import GatehouseProtocol
package import GatehouseSQL

/// The `device_code` grant type (RFC 8628 §3.4): a device asks until a person has decided, and gets
/// its tokens once.
package struct DeviceCodeGrant: Sendable {
    let database: any Database
    let issuer: TokenIssuer
    let failures: FailureLimits

    package init(database: any Database, issuer: TokenIssuer, failures: FailureLimits) {
        self.database = database
        self.issuer = issuer
        self.failures = failures
    }

    private static let unusable = OAuthError(
        .invalidGrant, "The device code is unknown, spent or revoked.")
    private static let expired = OAuthError(.expiredToken, "The device code has expired.")

    private struct Found: Sendable {
        let secret: OneTimeSecret
        /// Nil if its time is long over, or its client is gone.
        let authorization: DeviceAuthorization?
        /// What was allowed, with everyone that it stands on.
        let standing: GrantStanding?
    }

    private enum Outcome: Sendable { case issued, unusable, replayed }

    package func redeem(
        _ request: DeviceCodeRequest, by client: Client, of tenant: Tenant,
        through address: Issuer, on occasion: Occasion
    ) async throws -> TokenResponse {
        try client.requireGrantType(.deviceCode)
        guard let presented = Secret(request.deviceCode, for: .deviceCode),
            let found = try await find(presented, in: tenant)
        else {
            try await failures.count(.grant(by: client), of: tenant.id, on: occasion)
            throw Self.unusable
        }
        guard found.secret.clientID == client.id else {
            try await refuse(found, "client", by: client, of: tenant, on: occasion)
            throw Self.unusable
        }
        let authorization = try await current(found, presented, of: tenant, on: occasion)
        guard authorization.issuer.isExactly(address.text) else { throw Self.unusable }
        if let problem = CodeChallenge.problem(
            of: request.codeVerifier, with: authorization.codeChallenge)
        {
            // It has 256 bits, so a wrong one spends nothing: it only counts.
            try await failures.count(.grant(by: client), of: tenant.id, on: occasion)
            throw problem
        }
        guard case .allowed = authorization.decision else {
            throw try await refusal(authorization, of: tenant, on: occasion)
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
            let authorization = try DeviceAuthorization.ID(payload: secret.payload)
                .flatMap(records.deviceAuthorizations.find)
            return Found(
                secret: secret, authorization: authorization,
                standing: try authorization?.grantID.flatMap(records.grants.findStanding))
        }
    }

    /// What the code leads to, if it was neither used nor is over.
    private func current(
        _ found: Found, _ presented: Secret, of tenant: Tenant, on occasion: Occasion
    ) async throws -> DeviceAuthorization {
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
        guard let authorization = found.authorization else { throw Self.unusable }
        return authorization
    }

    /// What the device is told that nobody has let in; a poll is recorded.
    private func refusal(
        _ authorization: DeviceAuthorization, of tenant: Tenant, on occasion: Occasion
    ) async throws -> OAuthError {
        guard authorization.decision == nil else {
            return OAuthError(.accessDenied, "The person did not allow it.")
        }
        let slowDown = OAuthError(
            .slowDown, "The device asks too often: wait 5 seconds longer each time.")
        // Nobody who waits comes here: it would only serve a flood to write any more.
        guard authorization.interval < DeviceAuthorization.lifetime else { return slowDown }
        let isInTime = try await database.write {
            try $0.records(of: tenant.id).deviceAuthorizations
                .poll(authorization.id, at: occasion.now)
        }
        return isInTime
            ? OAuthError(.authorizationPending, "Nobody has decided yet.") : slowDown
    }

    private func issue(
        _ request: DeviceCodeRequest, _ presented: Secret, _ standing: GrantStanding,
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

    /// Whether everyone is alive that the code stands on.
    ///
    /// Even an offline grant begins in a session: ending that before the device asks counts.
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

    /// Notes who presents the code of somebody else, who is not harmed by it.
    private func refuse(
        _ found: Found, _ reason: String, by client: Client, of tenant: Tenant,
        on occasion: Occasion
    ) async throws {
        try await database.write { transaction in
            try transaction.records(of: tenant.id).events.append(
                Event(
                    .deviceAuthorizationRefused, by: .client(client.id),
                    of: found.authorization?.id.text, detail: [("reason", reason)]),
                on: occasion)
        }
    }

    /// The transaction's part of redeeming a device code.
    private struct Redemption: Sendable {
        let code: Secret
        let proof: Possession?
        let grant: Grant
        let client: Client
        let refreshToken: Secret?
        let record: OpaqueAccessToken?
        let isAlive: Bool
        let occasion: Occasion

        /// Issues to exactly one of those who present the code.
        ///
        /// A device that asks again may not have got the answer, so this revokes nothing.
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
                try append(.deviceAuthorizationRefused, to: records)
                return .unusable
            }
            if let refreshToken { try records.insert(refreshToken, of: grant, at: now) }
            if let record { try records.opaqueAccessTokens.insert(record) }
            try records.sessionClients.note(grant, at: now)
            try append(.deviceAuthorizationRedeemed, to: records)
            return .issued
        }

        private func append(_ kind: Event.Kind, to records: TenantRecords) throws {
            try records.events.append(
                Event(kind, by: .client(client.id), of: grant.id.text), on: occasion)
        }
    }
}

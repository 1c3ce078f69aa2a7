private import GatehouseEncoding
import GatehouseProtocol
import GatehouseSQL

/// Lets a client ask until a person has decided elsewhere, and gives it its tokens once.
///
/// Whatever is particular about what was asked for is checked by the grant type, between finding and
/// redeeming.
struct RedeemDecision<Matter: DecidedElsewhere>: Sendable {
    let database: any Database
    let issuer: TokenIssuer
    let failures: FailureLimits
    let usage: UsageRecorder

    /// A request of a client that waits.
    struct Poll: Sendable {
        /// What the client presents.
        let text: String
        /// What the access token is for; none means all that the grant is for.
        let resources: [ResourceIndicator]
        let proof: Possession?
        let client: Client
        let tenant: Tenant
        /// The address that the client asks through.
        let address: Issuer
        let occasion: Occasion

        var now: Timestamp { occasion.now }
    }

    /// What a secret leads to, that was neither used nor is over.
    struct Found: Sendable {
        let secret: Secret
        let matter: Matter
        /// What was allowed, with everyone that it stands on.
        fileprivate let standing: GrantStanding?
    }

    private struct Stored: Sendable {
        let secret: OneTimeSecret
        /// Nil if its time is long over, or its client is gone.
        let matter: Matter?
        let standing: GrantStanding?
    }

    fileprivate enum Outcome: Sendable { case issued, unusable, replayed }

    private static var words: PollWords { Matter.pollWords }

    // MARK: Finding

    /// What the presented secret leads to, if it is the client's own.
    func find(_ poll: Poll) async throws -> Found {
        guard let presented = Secret(poll.text, for: Matter.secretPurpose),
            let stored = try await read(presented, in: poll.tenant)
        else {
            try await count(poll)
            throw Self.words.unusable
        }
        guard stored.secret.clientID == poll.client.id else {
            try await noteForeign(stored, poll)
            throw Self.words.unusable
        }
        let matter = try await current(stored, presented, poll)
        guard matter.issuer.isExactly(poll.address.text) else { throw Self.words.unusable }
        return Found(secret: presented, matter: matter, standing: stored.standing)
    }

    /// Counts a wrong guess.
    func count(_ poll: Poll) async throws {
        try await failures.count(
            .grant(by: poll.client), of: poll.tenant.id, on: poll.occasion)
    }

    private func read(_ presented: Secret, in tenant: Tenant) async throws -> Stored? {
        try await database.read { transaction -> Stored? in
            let records = transaction.records(of: tenant.id)
            guard let secret = try records.oneTimeSecrets.find(presented) else { return nil }
            let matter = try Matter.id(in: secret.payload)
                .flatMap(records.decisions(on: Matter.self).find)
            return Stored(
                secret: secret, matter: matter,
                standing: try matter?.grantID.flatMap(records.grants.findStanding))
        }
    }

    private func current(
        _ stored: Stored, _ presented: Secret, _ poll: Poll
    ) async throws -> Matter {
        if let consumedAt = stored.secret.consumedAt {
            throw stored.secret.expiresAt <= consumedAt
                ? Self.words.expired : Self.words.unusable
        }
        guard poll.now < stored.secret.expiresAt else {
            // Spent, so that it stays over if the clock is set back.
            try await database.write { [tenant = poll.tenant.id, now = poll.now] in
                try $0.records(of: tenant).oneTimeSecrets.spend(presented, at: now)
            }
            throw Self.words.expired
        }
        guard let matter = stored.matter else { throw Self.words.unusable }
        return matter
    }

    /// Notes who presents the secret of somebody else, who is not harmed by it.
    private func noteForeign(_ stored: Stored, _ poll: Poll) async throws {
        let event = Event(
            Self.words.refused, by: .client(poll.client.id), of: stored.matter?.id.text,
            detail: [("reason", "client")])
        try await database.write { [tenant = poll.tenant.id, occasion = poll.occasion] in
            try $0.records(of: tenant).events.append(event, on: occasion)
        }
    }

    // MARK: Redeeming

    /// The tokens, if the person allowed it; else the client is told to wait, or not to.
    func redeem(_ found: Found, _ poll: Poll) async throws -> TokenResponse {
        guard case .allowed = found.matter.decision else {
            throw try await refusal(found.matter, poll)
        }
        guard let standing = found.standing, let user = standing.user else {
            throw Self.words.unusable
        }
        let parties = Parties(
            tenant: poll.tenant, client: poll.client, user: user,
            confirmation: poll.proof?.confirmation)
        return try await issue(found.secret, standing, to: parties, poll)
    }

    /// What the client is told that nobody has let in; a poll is recorded.
    private func refusal(_ matter: Matter, _ poll: Poll) async throws -> OAuthError {
        guard matter.decision == nil else {
            return OAuthError(.accessDenied, "The person did not allow it.")
        }
        // Nobody who waits comes here: it would only serve a flood to write any more.
        guard matter.interval < Matter.lifetime else { return Self.words.slowDown }
        let isInTime = try await database.write { [tenant = poll.tenant.id, now = poll.now] in
            try $0.records(of: tenant).decisions(on: Matter.self).poll(matter.id, at: now)
        }
        return isInTime
            ? OAuthError(.authorizationPending, "Nobody has decided yet.") : Self.words.slowDown
    }

    private func issue(
        _ presented: Secret, _ standing: GrantStanding, to parties: Parties, _ poll: Poll
    ) async throws -> TokenResponse {
        let isAlive = isAlive(standing, parties, at: poll.now)
        let grant = standing.grant

        // Mint first: signing may fail, and nothing may fail after the commit.
        var minted: MintedTokens?
        var refreshToken: Secret?
        if isAlive {
            refreshToken =
                parties.client.wantsRefreshToken(for: grant.scope)
                ? Secret(for: .refreshToken) : nil
            minted = try await issuer.tokens(
                for: grant, scope: grant.scope, asking: poll.resources, nonce: nil,
                parties: parties, at: poll.now)
        }

        // Commit last. The outcome is a value: throwing in here would undo the revocation.
        let redemption = Redemption(
            secret: presented, proof: poll.proof, grant: grant, client: parties.client,
            refreshToken: refreshToken, record: minted?.record,
            isOutgrown: minted?.isOutgrown ?? false, isAlive: isAlive, occasion: poll.occasion)
        let outcome = try await database.write { transaction in
            try redemption.claim(in: transaction.records(of: parties.tenant.id))
        }
        guard outcome != .replayed else { throw CheckDPoPProof.replayed }
        guard outcome == .issued, let minted else { throw Self.words.unusable }
        usage.record(
            ClientUse.signIn(
                to: parties.client.id, at: "", giving: grant.scope.values, at: poll.now),
            of: parties.tenant.id)
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
        return everyone.mayAct(at: now)
            && standing.grant.scope.isSubset(of: parties.client.scope)
    }

    /// The transaction's part of redeeming.
    private struct Redemption: Sendable {
        let secret: Secret
        let proof: Possession?
        let grant: Grant
        let client: Client
        let refreshToken: Secret?
        let record: OpaqueAccessToken?
        let isOutgrown: Bool
        let isAlive: Bool
        let occasion: Occasion

        /// Issues to exactly one of those who present the secret.
        ///
        /// A client that asks again may not have got the answer, so this revokes nothing.
        func claim(in records: TenantRecords) throws -> Outcome {
            let now = occasion.now
            // First: a request that only repeats another's proof is none, and changes nothing.
            if let proof, try !records.dpopProofs.use(proof) { return .replayed }
            let touched = try records.grants.touch(
                grant.id, confirmedBy: client.binding(by: proof), at: now)
            guard try records.oneTimeSecrets.claim(secret, at: now).changedOne() else {
                return .unusable
            }
            guard try touched.changedOne(), isAlive else {
                _ = try records.grants.revoke(grant.id, at: now)
                try append(Matter.pollWords.refused, to: records)
                return .unusable
            }
            if let refreshToken { try records.insert(refreshToken, of: grant, at: now) }
            if let record { try records.opaqueAccessTokens.insert(record) }
            try records.sessionClients.note(grant, at: now)
            try append(Matter.pollWords.redeemed, to: records)
            if isOutgrown { try append(.tokenOutgrown, to: records) }
            return .issued
        }

        private func append(_ kind: Event.Kind, to records: TenantRecords) throws {
            try records.events.append(
                Event(kind, by: .client(client.id), of: grant.id.text), on: occasion)
        }
    }
}

extension TenantRecords {
    /// What clients wait for, of one kind.
    func decisions<Matter: DecidedElsewhere>(on _: Matter.Type) -> DecisionRecords<Matter> {
        DecisionRecords(tenantID: tenantID, transaction: transaction)
    }
}

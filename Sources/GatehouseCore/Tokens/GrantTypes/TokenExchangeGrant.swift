private import GatehouseEncoding
private import GatehouseJOSE
package import GatehouseProtocol
package import GatehouseSQL

/// The `token-exchange` grant type (RFC 8693): a client swaps a token that it was given for one by
/// which it can ask others on behalf of the same person.
///
/// The new token stands on the grant of the old one, so that whatever ends that ends both, and
/// lasts no longer. What may be swapped for what is in the client's policies; without one, nothing.
package struct TokenExchangeGrant: Sendable {
    let database: any Database
    let issuer: TokenIssuer
    let accessTokens: AccessTokenVerifier
    let failures: FailureLimits

    package init(
        database: any Database, issuer: TokenIssuer, accessTokens: AccessTokenVerifier,
        failures: FailureLimits
    ) {
        self.database = database
        self.issuer = issuer
        self.accessTokens = accessTokens
        self.failures = failures
    }

    private static let unusableSubject = OAuthError(
        .invalidRequest, "The subject_token is unknown, expired, revoked or of another type.")
    private static let unusableActor = OAuthError(
        .invalidRequest, "The actor_token is unknown, expired, revoked or not the client's own.")

    /// Who exchanges, and in which request.
    private struct Asking: Sendable {
        let request: TokenExchangeRequest
        let client: Client
        let tenant: Tenant
        let address: Issuer
        let occasion: Occasion

        var now: Timestamp { occasion.now }
    }

    private enum Outcome: Sendable { case issued, revoked, replayed }

    package func exchange(
        _ request: TokenExchangeRequest, by client: Client, of tenant: Tenant,
        through address: Issuer, on occasion: Occasion
    ) async throws -> TokenResponse {
        let asking = Asking(
            request: request, client: client, tenant: tenant, address: address,
            occasion: occasion)
        let policies = try await database.read {
            try $0.records(of: tenant.id).exchangePolicies.all(of: client.id)
        }
        // Whoever proves nothing can be anybody: a public client exchanges nothing.
        guard !policies.isEmpty, client.isConfidential else {
            throw OAuthError(.unauthorizedClient, "The client may not use this grant type.")
        }
        let subject = try await subject(asking)
        let actor = try await actor(asking)
        let decision: ExchangeDecision
        do throws(ExchangeDecision.Refusal) {
            decision = try ExchangeDecision(
                request, subject, by: client, as: actor, under: policies)
        } catch {
            try await note(error, subject, asking)
            throw error.error
        }
        return try await issue(decision, subject, asking)
    }

    // MARK: What is brought

    private func subject(_ asking: Asking) async throws -> ExchangeSubject {
        switch asking.request.subjectToken.type {
        case .accessToken: try await accessTokenSubject(asking)
        case .idToken: try await idTokenSubject(asking)
        }
    }

    /// An access token of a person, that is in its time and of whom nobody ended anything.
    private func accessTokenSubject(_ asking: Asking) async throws -> ExchangeSubject {
        let token = try await verify(asking.request.subjectToken.text, asking)
        guard let token, let standing = try await standing(of: token, asking),
            let user = standing.user, asking.now < token.expiresAt
        else { throw Self.unusableSubject }
        return ExchangeSubject(
            type: .accessToken, issuedTo: token.clientID, audience: token.audience,
            isForClient: try await isFor(asking, token.audience), scope: token.scope,
            expiresAt: token.expiresAt, confirmation: token.confirmation, actors: token.actors,
            mayAct: token.mayAct, grant: standing.grant.selecting(token.organizationID),
            user: user)
    }

    /// An ID token in its time, which stands on what its client was granted in its session.
    ///
    /// It allows nothing by itself, so it brings no scope.
    private func idTokenSubject(_ asking: Asking) async throws -> ExchangeSubject {
        let registry = issuer.registry
        let tenant = asking.tenant
        let token = try await registry.idTokenHint(
            asking.request.subjectToken.text, in: tenant.id, at: asking.now)
        guard let token else {
            try await failures.count(
                .grant(by: asking.client), of: tenant.id, on: asking.occasion)
            throw Self.unusableSubject
        }
        guard token.isCurrent, token.issuer.isExactly(asking.address.text),
            let session = token.session,
            let userID = try await registry.user(hintedBy: token, in: tenant.id, at: asking.now)
        else { throw Self.unusableSubject }
        let standing = try await database.read {
            try $0.records(of: tenant.id).grants.findLatestStanding(
                to: token.client, of: userID, in: session, at: asking.now)
        }
        guard let standing, let user = standing.user,
            try await isAlive(standing, token.client, asking)
        else { throw Self.unusableSubject }
        let audience = [token.client.text]
        return ExchangeSubject(
            type: .idToken, issuedTo: token.client, audience: audience,
            isForClient: token.client == asking.client.id, scope: .none,
            expiresAt: token.expiresAt, confirmation: nil, actors: nil, mayAct: nil,
            grant: standing.grant.selecting(token.organization), user: user)
    }

    /// Who acts: the client itself, or whoever let the client have a token of their own.
    private func actor(_ asking: Asking) async throws -> Actor {
        guard let text = asking.request.actorToken else {
            return Actor(subject: asking.client.id.text)
        }
        // An actor for whom somebody else acts already would be one in name only.
        guard let token = try await verify(text, asking), asking.now < token.expiresAt,
            token.clientID == asking.client.id, token.actors == nil,
            let subject = token.claims.object["sub"]?.string,
            token.confirmation == nil
                || token.confirmation == asking.request.proof?.confirmation
        else { throw Self.unusableActor }
        guard token.grantID == nil else {
            guard try await standing(of: token, asking) != nil else { throw Self.unusableActor }
            return Actor(subject: subject, clientID: asking.client.id.text)
        }
        let isRevoked = try await database.read { [tenant = asking.tenant.id] in
            try $0.records(of: tenant).revokedAccessTokens.contains(token.tokenID)
        }
        guard !isRevoked else { throw Self.unusableActor }
        return Actor(subject: subject)
    }

    /// An access token that was issued here through this address; nil if it is none, which counts.
    private func verify(_ text: String, _ asking: Asking) async throws -> VerifiedAccessToken? {
        do {
            let token = try await accessTokens.verify(text, of: asking.tenant, at: asking.now)
            return token.issuer.isExactly(asking.address.text) ? token : nil
        } catch let error as OAuthError {
            if error == AccessTokenVerifier.foreign {
                try await failures.count(
                    .grant(by: asking.client), of: asking.tenant.id, on: asking.occasion)
            }
            return nil
        }
    }

    /// What a token stands on, if it stands on a grant and everyone involved may still act.
    private func standing(
        of token: VerifiedAccessToken, _ asking: Asking
    ) async throws -> GrantStanding? {
        guard let grantID = token.grantID else { return nil }
        let found = try await database.read { [tenant = asking.tenant.id] in
            try $0.records(of: tenant).grants.findStanding(grantID, unlessRevoked: token.tokenID)
        }
        guard let found, try await isAlive(found, token.clientID, asking) else { return nil }
        return found
    }

    private func isAlive(
        _ standing: GrantStanding, _ id: Client.ID, _ asking: Asking
    ) async throws -> Bool {
        let client = try await issuer.registry.client(id, of: asking.tenant.id, at: asking.now)
        return standing.standing(in: asking.tenant, client: client?.client)
            .mayAct(at: asking.now)
    }

    /// Whether a token is for the client, or for a resource that it speaks for.
    private func isFor(_ asking: Asking, _ audience: [String]) async throws -> Bool {
        guard !audience.contains(where: { $0.isExactly(asking.client.id.text) }) else {
            return true
        }
        return try await issuer.registry.resources(of: asking.tenant.id, at: asking.now)
            .speaks(asking.client.id, for: audience)
    }

    // MARK: What is given

    private func issue(
        _ decision: ExchangeDecision, _ subject: ExchangeSubject, _ asking: Asking
    ) async throws -> TokenResponse {
        let (client, request, now) = (asking.client, asking.request, asking.now)
        let resources = try await issuer.registry.resources(of: asking.tenant.id, at: now)
        var target = try resources.target(
            resources.audience(decision.targets, by: client), of: client)
        target.lifetime = min(
            target.lifetime, .seconds(subject.expiresAt.seconds - now.seconds))
        let scope = try decision.scope(request.scope, of: subject, by: client, at: target)
        let parties = Parties(
            tenant: asking.tenant, client: client, user: subject.user,
            confirmation: request.proof?.confirmation)
        let grant = subject.grant
        var claims = try await issuer.accessToken(
            for: grant, scope: scope, to: target, parties: parties, at: now)
        let rule = decision.policy.rule
        if rule.namesActor { claims.actors = decision.actors }
        claims.mayAct = rule.successor?.text

        // Mint first: signing may fail, and nothing may fail after the commit.
        let minted = try await issuer.mint(
            claims, to: target, by: client.id, under: grant.id, of: asking.tenant.id, at: now)

        // Commit last.
        let exchange = Exchange(
            grant: grant.id, proof: request.proof, record: minted.record,
            event: event(decision, subject, claims, by: client), occasion: asking.occasion)
        let outcome = try await database.writeUnlessGone { [tenant = asking.tenant.id] in
            try exchange.commit(in: $0.records(of: tenant))
        }
        guard outcome != .replayed else { throw CheckDPoPProof.replayed }
        guard outcome == .issued else { throw Self.unusableSubject }
        var response = TokenResponse(
            accessToken: minted.text, expiresIn: target.lifetime.seconds, refreshToken: nil,
            idToken: nil, scope: scope, confirmation: parties.confirmation)
        response.issuedTokenType = .accessToken
        return response
    }

    /// What the audit is told: who acts for whom, also where the token does not say it.
    private func event(
        _ decision: ExchangeDecision, _ subject: ExchangeSubject, _ claims: AccessTokenClaims,
        by client: Client
    ) -> Event {
        Event(
            .tokenExchanged, by: .client(client.id), of: claims.tokenID,
            detail: [
                ("mode", decision.policy.rule.mode.rawValue), ("user", subject.user.id.text),
                ("grant", subject.grant.id.text),
                ("issued_to", subject.issuedTo.text),
                ("actors", decision.actors.actors.map(\.subject).joined(separator: " ")),
                ("audience", claims.audience.joined(separator: " ")),
                ("policy", decision.policy.id.text),
            ])
    }

    /// Notes who brings a token that is not theirs to exchange; its owner is not harmed by it.
    private func note(
        _ refusal: ExchangeDecision.Refusal, _ subject: ExchangeSubject, _ asking: Asking
    ) async throws {
        let event = Event(
            .tokenExchangeRefused, by: .client(asking.client.id),
            of: subject.grant.id.text, detail: [("reason", refusal.reason)])
        try await database.write { [tenant = asking.tenant.id, occasion = asking.occasion] in
            try $0.records(of: tenant).events.append(event, on: occasion)
        }
    }

    /// The transaction's part of an exchange.
    private struct Exchange: Sendable {
        let grant: Grant.ID
        let proof: Possession?
        let record: OpaqueAccessToken?
        let event: Event
        let occasion: Occasion

        func commit(in records: TenantRecords) throws -> Outcome {
            // First: a request that only repeats another's proof is none, and changes nothing.
            if let proof, try !records.dpopProofs.use(proof) { return .replayed }
            let touched = try records.grants.touchByToken(grant, at: occasion.now)
            guard try touched.changedOne() else { return .revoked }
            if let record { try records.opaqueAccessTokens.insert(record) }
            try records.events.append(event, on: occasion)
            return .issued
        }
    }
}

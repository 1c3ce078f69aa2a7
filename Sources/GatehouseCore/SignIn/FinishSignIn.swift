package import GatehouseProtocol
package import GatehouseSQL

/// Ends a visit with an authorization code: the grant, the code and the event, in one transaction.
package struct FinishSignIn: Sendable {
    let database: any Database
    let registry: Registry
    let usage: UsageRecorder

    package init(database: any Database, registry: Registry, usage: UsageRecorder) {
        self.database = database
        self.registry = registry
        self.usage = usage
    }

    /// The answer to the client on its way, or the way to the page on which a device is let in.
    ///
    /// A visit may be finished again by the browser that it is bound to, as a double click does;
    /// that is no more than asking the client's question again.
    ///
    /// - Throws: ``SignIn/Lost`` if the client has given up the address meanwhile: then there is
    ///   none to answer at. Or if another visit was first to end the same pushed request.
    package func finish(
        _ visit: Visit, in session: Session, on occasion: Occasion
    ) async throws -> AuthorizationResponse.Delivery {
        let target = visit.interaction.target
        // No client waits for a code: being signed in, the person goes on to decide.
        if visit.interaction.device != nil {
            return .redirect("\(target.redirectURI.text)/\(visit.interaction.id.text)")
        }
        if visit.interaction.page != nil { return .redirect(target.redirectURI.text) }
        return try await end(visit, in: session, by: nil, on: occasion)
    }

    /// The same after the person was asked; there is no question if they have answered it before.
    func decide(
        _ decision: ConsentDecision, _ question: ConsentQuestion?, _ visit: Visit,
        in session: Session, on occasion: Occasion
    ) async throws -> AuthorizationResponse.Delivery {
        guard decision.allowed == nil else {
            return try await end(visit, in: session, by: (decision, question), on: occasion)
        }
        let denial = OAuthError(.accessDenied, "The person did not allow it.")
        let answer = try await deliver(
            visit.interaction.target.response(error: denial), of: visit, occasion)
        try await database.write { transaction in
            let records = transaction.records(of: visit.tenant.id)
            guard try records.interactions.decide(visit.interaction.id, decision) else { return }
            try records.interactions.finish(visit.interaction.id, at: occasion.now)
            try records.events.append(
                Event(
                    .consentDenied, by: .user(decision.userID), of: visit.client.id.text),
                on: occasion)
        }
        return answer
    }

    private func end(
        _ visit: Visit, in session: Session, by decision: (ConsentDecision, ConsentQuestion?)?,
        on occasion: Occasion
    ) async throws -> AuthorizationResponse.Delivery {
        let request = visit.interaction.request
        let target = visit.interaction.target
        let resources = try await registry.resources(of: visit.tenant.id, at: occasion.now)
        let grant: Grant
        do {
            grant = try Self.grant(
                visit, in: session, for: resources,
                selecting: try await organization(of: visit, in: session), at: occasion.now)
        } catch let error as OAuthError {
            // Allowed when the person came, and no more.
            return try await deliver(target.response(error: error), of: visit, occasion)
        }
        let code = Secret(for: .authorizationCode)
        let payload = AuthorizationCode(
            redirectURI: target.redirectURI, codeChallenge: request.codeChallenge,
            nonce: request.nonce, dpopKey: request.dpopKey)
        let secret = OneTimeSecret(
            code, client: visit.client.id, user: session.userID, grant: grant.id,
            payload: payload.stored, lifetime: AuthorizationCode.lifetime, at: occasion.now)
        let ending = Ending(
            visit: visit, session: session, grant: grant,
            parts: resources.parts(of: request.scope, for: grant.audience),
            decision: decision?.0, question: decision?.1, code: secret, occasion: occasion)
        // Signed before it is committed: nothing may fail after that.
        let success = try await deliver(target.response(code: code.revealed), of: visit, occasion)
        let outcome = try await database.writeUnlessGone { transaction in
            try ending.commit(in: transaction.records(of: visit.tenant.id))
        }
        switch outcome {
        case .issued:
            count(visit, grant, on: occasion)
            return success
        case .withdrawn, .spent: throw SignIn.Lost.lost
        case .refused, nil:
            let refusal = OAuthError(.accessDenied, "The sign-in cannot be completed.")
            return try await deliver(target.response(error: refusal), of: visit, occasion)
        }
    }

    /// Counts a sign-in by the redirect URI that is registered: a port that changes is none.
    private func count(_ visit: Visit, _ grant: Grant, on occasion: Occasion) {
        let used = visit.interaction.target.redirectURI.text
        let registered = visit.client.redirectURI(covering: used)?.text ?? used
        usage.record(
            ClientUse.signIn(
                to: visit.client.id, at: registered, giving: grant.scope.values, at: occasion.now),
            of: visit.tenant.id)
    }

    /// The organization that the visit is for, as things are now; nil if it is for none in particular.
    private func organization(
        of visit: Visit, in session: Session
    ) async throws -> Organization.ID? {
        guard visit.mayNeedOrganization else { return nil }
        let selection = try await database.read {
            try $0.records(of: visit.tenant.id).selection(for: visit, by: session.userID)
        }
        switch selection {
        case .notNeeded: return nil
        case .selected(let membership, _): return membership.organizationID
        case .choose, .refused: throw OrganizationSelection.refusal
        }
    }

    /// What the person allows the client by coming this far.
    static func grant(
        _ visit: Visit, in session: Session, for resources: Resources,
        selecting organization: Organization.ID?, at now: Timestamp
    ) throws(OAuthError) -> Grant {
        let request = visit.interaction.request
        let audience = try resources.audience(request.resources, by: visit.client)
        try resources.check(request.authorizationDetails, for: audience, by: visit.client)
        return Grant(
            to: visit.client, scope: request.scope, claims: request.claims, in: session,
            issuer: visit.interaction.target.issuer, audience: audience,
            accessTokenLifetime: resources.longestLifetime(of: audience, for: visit.client),
            details: request.authorizationDetails, organization: organization, at: now)
    }

    /// A response on its way to the client of a visit.
    func deliver(
        _ response: AuthorizationResponse, of visit: Visit, _ occasion: Occasion
    ) async throws -> AuthorizationResponse.Delivery {
        try await DeliverResponse(registry: registry).deliver(
            response, to: visit.client, of: visit.tenant.id, at: occasion.now)
    }
}

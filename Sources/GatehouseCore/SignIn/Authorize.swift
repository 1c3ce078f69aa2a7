private import GatehouseEncoding
private import GatehouseJOSE
package import GatehouseProtocol
package import GatehouseSQL

/// Answers authorization requests (RFC 6749 §4.1, OpenID Connect Core §3.1.2): at once where the
/// browser has a session that will do, by way of the hosted pages where it has not.
package struct Authorize: Sendable {
    let database: any Database
    let registry: Registry

    package init(database: any Database, registry: Registry) {
        self.database = database
        self.registry = registry
    }

    /// What becomes of a request.
    package enum Outcome: Sendable {
        /// Nothing is proven, so nobody is sent anywhere: a page says what is wrong.
        case refused(Refusal)
        /// The client gets its answer at this address.
        case answered(String)
        /// The person has to do something first; the browser gets this secret if it had none.
        case interact(Interaction.ID, browser: Secret)
    }

    /// Why a request is answered with a page.
    package struct Refusal: Error, Sendable {
        package let rule: Rule
        /// For whoever may see it: what was sent, and what is registered.
        package let sent: String?
        package let registered: [String]

        package enum Rule: String, Sendable {
            case noClientID = "The client_id is missing."
            case repeatedClientID = "The client_id is included more than once."
            case noRedirectURI = "The redirect_uri is missing."
            case repeatedRedirectURI = "The redirect_uri is included more than once."
            case unknownClient = "No client with this client_id can be used here."
            case unregisteredRedirectURI = "The redirect_uri is not registered for the client."
        }

        init(_ rule: Rule, sent: String? = nil, registered: [String] = []) {
            self.rule = rule
            self.sent = sent
            self.registered = registered
        }
    }

    /// A request whose client and redirect URI are proven.
    private struct Proven: Sendable {
        let client: Client
        let redirectURI: RedirectURI
    }

    package func begin(
        _ form: FormParameters, at tenant: Tenant, through issuer: Issuer, from browser: Browser,
        on occasion: Occasion
    ) async throws -> Outcome {
        let proven: Proven
        do {
            proven = try await prove(form, at: tenant, on: occasion)
        } catch let refusal as Refusal {
            return .refused(refusal)
        }
        let state = form[.state].flatMap {
            $0.utf8.count <= AuthorizationRequest.valueLimit ? $0 : nil
        }
        let target = AuthorizationResponseTarget(
            redirectURI: proven.redirectURI, state: state, issuer: issuer)
        do {
            let request = try AuthorizationRequest(form)
            try proven.client.check(request)
            try await check(request, of: proven.client, at: tenant, on: occasion)
            let hint = try await hint(of: request, at: tenant, through: issuer, on: occasion)
            let secret = browser.secret ?? Secret(for: .browser)
            let interaction = Interaction(
                request, expecting: hint?.user, of: proven.client.id, answering: target,
                in: secret, at: occasion.now)
            let visit = Visit(
                tenant: tenant, client: proven.client, interaction: interaction, browser: secret)
            return try await proceed(
                visit, isHintCurrent: hint?.isCurrent ?? true, session: browser.session,
                on: occasion)
        } catch let error as OAuthError {
            return .answered(target.url(error: error))
        }
    }

    /// The first stage: who asks, and where may the answer go.
    ///
    /// Nothing is redirected before.
    private func prove(
        _ form: FormParameters, at tenant: Tenant, on occasion: Occasion
    ) async throws -> Proven {
        let claimed: ClaimedRequest
        do throws(ClaimedRequest.Unusable) {
            claimed = try ClaimedRequest(form)
        } catch {
            throw Refusal(error)
        }
        guard let id = Client.ID(parsing: claimed.clientID),
            let client = try await registry.client(id, of: tenant.id, at: occasion.now)?.client
        else { throw Refusal(.unknownClient) }
        var standing = Standing(tenant: tenant)
        standing.client = .involved(client)
        do {
            try mayAct(standing, at: occasion.now)
        } catch {
            throw Refusal(.unknownClient)
        }
        guard let redirectURI = client.redirectURI(covering: claimed.redirectURI) else {
            throw Refusal(
                .unregisteredRedirectURI, sent: claimed.redirectURI,
                registered: client.redirectURIs.map(\.text))
        }
        return Proven(client: client, redirectURI: redirectURI)
    }

    private func proceed(
        _ visit: Visit, isHintCurrent: Bool, session secret: Secret?, on occasion: Occasion
    ) async throws -> Outcome {
        let session = try await session(of: secret, at: visit.tenant, on: occasion)
        let step = SignInState(
            request: visit.interaction.request, requestedAt: occasion.now,
            session: session?.session, expectedUser: visit.interaction.expectedUser,
            accountChosenAt: nil
        ).nextStep
        if step == .finish, let session, isHintCurrent || !visit.isSilent {
            let finish = FinishSignIn(database: database, registry: registry)
            return .answered(try await finish.finish(visit, in: session.session, on: occasion))
        }
        guard !visit.isSilent else {
            throw step == .chooseAccount
                ? OAuthError(.interactionRequired, "A page would have to be shown.")
                : OAuthError(.loginRequired, "Nobody who will do is signed in.")
        }
        try await database.write {
            try $0.records(of: visit.tenant.id).interactions.insert(visit.interaction)
        }
        return .interact(visit.interaction.id, browser: visit.browser)
    }

    /// The session of the browser; one whose time is over is ended, so that it stays over if the
    /// clock is set back.
    private func session(
        of secret: Secret?, at tenant: Tenant, on occasion: Occasion
    ) async throws -> LiveSession? {
        let (session, lapsed) = try await database.read { transaction in
            let records = transaction.records(of: tenant.id)
            let live = try records.liveSession(secret, in: tenant, at: occasion.now)
            return (live, live == nil ? try records.lapsedSession(secret, at: occasion.now) : nil)
        }
        if let lapsed {
            try await database.write {
                _ = try $0.records(of: tenant.id).sessions.end(lapsed, at: occasion.now)
            }
        }
        return session
    }

    /// Refuses a request for resources that the client may not ask for, or for scope values that
    /// none of them knows.
    ///
    /// One token need not be for all of them: the client says so when it comes for tokens.
    private func check(
        _ request: AuthorizationRequest, of client: Client, at tenant: Tenant,
        on occasion: Occasion
    ) async throws {
        let resources = try await registry.resources(of: tenant.id, at: occasion.now)
        let audience = try resources.audience(request.resources, by: client)
        guard resources.know(request.scope, in: audience) else {
            throw OAuthError(.invalidScope, "None of the resources knows a value of the scope.")
        }
    }

    /// Whom the client expects, if it sent an ID token of ours to say so.
    private func hint(
        of request: AuthorizationRequest, at tenant: Tenant, through issuer: Issuer,
        on occasion: Occasion
    ) async throws -> IDTokenHint? {
        guard let text = request.idTokenHint else { return nil }
        let keys = try await registry.keys(of: tenant.id, at: occasion.now)
        guard let hint = IDTokenHint(text, keys: keys.published, at: occasion.now),
            hint.issuer.isExactly(issuer.text)
        else {
            throw OAuthError(
                .invalidRequest, "The id_token_hint is not an ID token of this issuer.")
        }
        return hint
    }
}

/// One request of one client on its way, and the browser that it is bound to.
package struct Visit: Sendable {
    package let tenant: Tenant
    package let client: Client
    package let interaction: Interaction
    package let browser: Secret

    /// True if no page may be shown.
    var isSilent: Bool { interaction.request.prompt == .none }
}

extension Authorize.Refusal {
    fileprivate init(_ unusable: ClaimedRequest.Unusable) {
        switch unusable {
        case .noClientID: self.init(Rule.noClientID)
        case .repeatedClientID: self.init(Rule.repeatedClientID)
        case .noRedirectURI: self.init(Rule.noRedirectURI)
        case .repeatedRedirectURI: self.init(Rule.repeatedRedirectURI)
        }
    }
}

extension Client {
    /// Checks a request against what the client is registered for.
    fileprivate func check(_ request: AuthorizationRequest) throws(OAuthError) {
        guard kind.grantTypes.contains(.authorizationCode) else {
            throw OAuthError(.unauthorizedClient, "The client may not use this response type.")
        }
        guard request.scope.isSubset(of: scope) else {
            throw OAuthError(.invalidScope, "The scope exceeds what the client may ask for.")
        }
        // Only a client that proves itself in another way can ever be let off.
        let needsPKCE = policies.requiresPKCE || !isConfidential
        guard request.codeChallenge != nil || !needsPKCE else {
            throw OAuthError(.invalidRequest, "The code_challenge is missing (PKCE is required).")
        }
    }
}

private import GatehouseEncoding
private import GatehouseJOSE
import GatehouseProtocol

/// Proves authorization requests, in two stages with two kinds of error, wherever they arrive.
///
/// First who asks and where the answer may go: what is wrong there is told to a person. Then what
/// is asked for: what is wrong there is told to the client.
struct ProveRequest: Sendable {
    let registry: Registry

    /// A client and an address of its own.
    struct Parties: Sendable {
        let client: Client
        let redirectURI: RedirectURI
    }

    /// A request that can be met, and whom its hints name.
    struct Proven: Sendable {
        let request: AuthorizationRequest
        let expectedUser: User.ID?
        /// False if an ID token that came as a hint has expired.
        let isHintCurrent: Bool
    }

    /// The first stage: who asks, and where may the answer go.
    ///
    /// Nothing is redirected before.
    func parties(
        of form: FormParameters, at tenant: Tenant, through issuer: Issuer,
        finding clients: FindClient, on occasion: Occasion
    ) async throws -> Parties {
        let claimed: ClaimedRequest
        do throws(ClaimedRequest.Unusable) {
            claimed = try ClaimedRequest(form)
        } catch {
            throw Authorize.Refusal(error)
        }
        let client = try await client(
            claimed.clientID, at: tenant, through: issuer, finding: clients, on: occasion)
        guard let redirectURI = client.redirectURI(covering: claimed.redirectURI) else {
            throw Authorize.Refusal(
                .unregisteredRedirectURI, sent: claimed.redirectURI,
                registered: client.redirectURIs.map(\.text))
        }
        return Parties(client: client, redirectURI: redirectURI)
    }

    /// The client of this name, if it may act.
    func client(
        _ name: String, at tenant: Tenant, through issuer: Issuer, finding clients: FindClient,
        on occasion: Occasion
    ) async throws -> Client {
        guard let id = Client.ID(parsing: name),
            let client = try await clients.find(
                id, of: tenant, through: issuer, on: occasion)?.client
        else { throw Authorize.Refusal(.unknownClient) }
        var standing = Standing(tenant: tenant)
        standing.client = .involved(client)
        switch standing.obstacle(at: occasion.now) {
        case nil: return client
        case .ownerAway: throw Authorize.Refusal(.ownerAway)
        default: throw Authorize.Refusal(.unknownClient)
        }
    }

    /// The second stage: what is asked for.
    ///
    /// - Throws: ``OAuthError``
    func request(
        _ form: FormParameters, of parties: Parties, at tenant: Tenant, through issuer: Issuer,
        on occasion: Occasion
    ) async throws -> Proven {
        let request = try AuthorizationRequest(form)
        try parties.client.check(request, answeredAt: parties.redirectURI)
        try request.requireAttainableClass()
        try await checkResources(of: request, by: parties.client, at: tenant, on: occasion)
        let hint = try await hint(of: request, at: tenant, through: issuer, on: occasion)
        let hinted = try await hintedUser(hint, at: tenant, on: occasion)
        var expectedUser = hinted
        if let subject = request.claims?.subject {
            expectedUser = try await user(
                named: subject, by: parties.client, at: tenant, on: occasion)
            guard hinted == nil || hinted == expectedUser else {
                throw OAuthError(
                    .invalidRequest, "The id_token_hint and the claims name two people.")
            }
        }
        return Proven(
            request: request, expectedUser: expectedUser, isHintCurrent: hint?.isCurrent ?? true)
    }

    /// Refuses a request for resources that the client may not ask for, or for scope values that
    /// none of them knows.
    ///
    /// One token need not be for all of them: the client says so when it comes for tokens.
    private func checkResources(
        of request: AuthorizationRequest, by client: Client, at tenant: Tenant,
        on occasion: Occasion
    ) async throws {
        let resources = try await registry.resources(of: tenant.id, at: occasion.now)
        let audience = try resources.audience(request.resources, by: client)
        guard resources.know(request.scope, in: audience) else {
            throw OAuthError(.invalidScope, "None of the resources knows a value of the scope.")
        }
        try resources.check(request.authorizationDetails, for: audience, by: client)
    }

    /// Whom the client expects, if it sent an ID token of ours to say so.
    private func hint(
        of request: AuthorizationRequest, at tenant: Tenant, through issuer: Issuer,
        on occasion: Occasion
    ) async throws -> IDTokenHint? {
        guard let text = request.idTokenHint else { return nil }
        let found = try await registry.idTokenHint(text, in: tenant.id, at: occasion.now)
        guard let hint = found, hint.issuer.isExactly(issuer.text)
        else {
            throw OAuthError(
                .invalidRequest, "The id_token_hint is not an ID token of this issuer.")
        }
        return hint
    }

    /// The person whom a hint names.
    private func hintedUser(
        _ hint: IDTokenHint?, at tenant: Tenant, on occasion: Occasion
    ) async throws -> User.ID? {
        guard let hint else { return nil }
        let user = try await registry.user(hintedBy: hint, in: tenant.id, at: occasion.now)
        guard let user else {
            throw OAuthError(.invalidRequest, "The id_token_hint names nobody who is known here.")
        }
        return user
    }

    /// The one person about whom an answer may be (OpenID Connect Core §5.5.1), by the name that
    /// the client knows.
    private func user(
        named subject: String, by client: Client, at tenant: Tenant, on occasion: Occasion
    ) async throws -> User.ID {
        let user = try await registry.user(
            named: subject, by: client, in: tenant.id, at: occasion.now)
        guard let user else {
            throw OAuthError(.invalidRequest, "The sub of the claims is none of this issuer.")
        }
        return user
    }
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
    /// How an answer to a request travels that may be wrong otherwise: as it asks, if the client
    /// may ask for that, or else the client's usual way.
    func responseMode(for form: FormParameters, to redirectURI: RedirectURI) -> ResponseMode {
        let claimed = AuthorizationRequest.claimedMode(form) ?? .query
        guard policies.responseModes.contains(claimed), redirectURI.takes(claimed) else {
            return policies.responseModes.first(where: redirectURI.takes) ?? .query
        }
        return claimed
    }

    private static let otherMode: StaticString =
        "The response_mode is none that the client is registered for."

    /// Checks a request against what the client is registered for.
    fileprivate func check(
        _ request: AuthorizationRequest, answeredAt redirectURI: RedirectURI
    ) throws(OAuthError) {
        guard kind.grantTypes.contains(.authorizationCode) else {
            throw OAuthError(.unauthorizedClient, "The client may not use this response type.")
        }
        guard policies.responseModes.contains(request.responseMode),
            redirectURI.takes(request.responseMode)
        else {
            throw OAuthError(
                .invalidRequest,
                request.responseMode.isSigned
                    ? Self.otherMode
                    : policies.profile.refusal(lacking: .signedResponses) ?? Self.otherMode)
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

extension RedirectURI {
    /// True if an answer can travel there so.
    fileprivate func takes(_ mode: ResponseMode) -> Bool {
        mode.carrier != .formPost || takesForms
    }
}

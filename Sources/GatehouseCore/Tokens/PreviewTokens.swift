private import GatehouseEncoding
private import GatehouseJOSE
package import GatehouseProtocol
package import GatehouseSQL

/// Says what a client's tokens would be, and why they would be refused, without making any.
///
/// It goes the way of a sign-in: the request is proven, the organization selected, the question asked
/// and the claims gathered by the code that does so for real. It signs nothing that says something, and
/// writes nothing.
package struct PreviewTokens: Sendable {
    let database: any Database
    let registry: Registry

    package init(database: any Database, registry: Registry) {
        self.database = database
        self.registry = registry
    }

    private var issuer: TokenIssuer { TokenIssuer(registry: registry) }

    /// What is asked for: by whom, about whom, and what.
    package struct Asked: Sendable {
        let client: Client
        /// Nil for a client that acts for itself.
        let user: User?
        let scope: Scope
        let organization: String?
        let resources: [ResourceIndicator]

        package init(
            by client: Client, about user: User?, scope: Scope, organization: String?,
            resources: [ResourceIndicator]
        ) {
            self.client = client
            self.user = user
            self.scope = scope
            self.organization = organization
            self.resources = resources
        }
    }

    package func preview(
        _ asked: Asked, at tenant: Tenant, through address: Issuer, on occasion: Occasion
    ) async throws -> TokenPreview {
        do {
            try requireStanding(of: asked, at: tenant, on: occasion)
            guard let user = asked.user else {
                return try await previewOwn(asked, at: tenant, through: address, on: occasion)
            }
            return try await preview(
                asked, about: user, at: tenant, through: address, on: occasion)
        } catch let refusal as TokenPreview.Refusal {
            return TokenPreview(refusal: refusal)
        } catch let error as OAuthError {
            return TokenPreview(
                refusal: TokenPreview.Refusal(error.code.rawValue, "\(error.description)"))
        } catch let missing as MissingSigningKey {
            return TokenPreview(
                refusal: TokenPreview.Refusal(
                    "no_signing_key", "No key signs with \(missing.algorithm.name)."))
        }
    }

    private func requireStanding(
        of asked: Asked, at tenant: Tenant, on occasion: Occasion
    ) throws(TokenPreview.Refusal) {
        var standing = Standing(tenant: tenant)
        standing.client = .involved(asked.client)
        if let user = asked.user { standing.user = .involved(user) }
        guard let obstacle = standing.obstacle(at: occasion.now) else { return }
        throw TokenPreview.Refusal(obstacle.reason, "It cannot be: \(obstacle.rawValue).")
    }

    // MARK: A client that acts for itself

    private func previewOwn(
        _ asked: Asked, at tenant: Tenant, through address: Issuer, on occasion: Occasion
    ) async throws -> TokenPreview {
        let request = ClientCredentialsRequest(
            scope: asked.scope.isEmpty ? nil : asked.scope, resources: asked.resources)
        let draft = try await issuer.draft(
            for: request, by: asked.client, of: tenant, through: address, at: occasion.now)
        return TokenPreview(
            accessToken: try await sized(draft, for: tenant, at: occasion.now), idToken: nil,
            userInfo: nil, scope: draft.claims.scope, steps: asked.client.steps)
    }

    // MARK: A client that people sign in to

    private func preview(
        _ asked: Asked, about user: User, at tenant: Tenant, through address: Issuer,
        on occasion: Occasion
    ) async throws -> TokenPreview {
        let session = try await session(of: user, at: tenant, on: occasion)
        let visit = try await visit(asked, at: tenant, through: address, on: occasion)
        let live = LiveSession(session: session, user: user, secret: Secret(for: .session))
        let record = try await database.read {
            try $0.records(of: tenant.id).record(of: visit, by: [live])
        }
        let assessment = try await Assessment(visit, record, registry: registry, at: occasion.now)
        if record.organization.isRefused { throw OrganizationSelection.refusal }
        if record.organization.isOpen {
            throw TokenPreview.Refusal(
                "organization_not_chosen", "The person has to choose one of their organizations.")
        }
        let resources = try await registry.resources(of: tenant.id, at: occasion.now)
        let grant = try FinishSignIn.grant(
            visit, in: session, for: resources, selecting: record.organization.selected,
            at: occasion.now
        ).standing(on: record.remembered?.id)
        let drafts = try await issuer.drafts(
            for: grant, scope: grant.scope, asking: [], nonce: visit.interaction.request.nonce,
            parties: Parties(
                tenant: tenant, client: asked.client, user: user, confirmation: nil),
            at: occasion.now)
        return try await preview(
            drafts, of: grant, asked, steps: assessment.steps + asked.client.steps, at: tenant,
            on: occasion)
    }

    private func preview(
        _ drafts: TokenDrafts, of grant: Grant, _ asked: Asked, steps: [TokenPreview.Step],
        at tenant: Tenant, on occasion: Occasion
    ) async throws -> TokenPreview {
        let now = occasion.now
        let userInfo = try await userInfo(of: grant, drafts, asked, at: tenant, at: now)
        return TokenPreview(
            accessToken: try await sized(drafts.accessToken, for: tenant, at: now),
            idToken: try await sized(drafts.idToken, for: asked.client, of: tenant, at: now),
            userInfo: userInfo?.serialized(), scope: drafts.scope, steps: steps)
    }

    /// What userinfo would answer; nil where the token does not open it.
    private func userInfo(
        of grant: Grant, _ drafts: TokenDrafts, _ asked: Asked, at tenant: Tenant,
        at now: Timestamp
    ) async throws -> UserInfo? {
        guard let user = asked.user, drafts.scope.contains(Scope.openID) else { return nil }
        return try await registry.userInfo(
            about: Parties(
                tenant: tenant, client: asked.client, user: user, confirmation: nil),
            scope: drafts.scope, granted: grant, in: grant.organizationID, at: now)
    }

    /// The session that the person would have: they sign in now, if their organization lets them.
    private func session(
        of user: User, at tenant: Tenant, on occasion: Occasion
    ) async throws -> Session {
        let admission = try await database.read {
            try $0.records(of: tenant.id).domainAdmission(of: user)
        }
        if case .barred(let organization, for: _) = admission {
            throw TokenPreview.Refusal(
                "not_let_in",
                "The organization \(organization.text) speaks for the person's address, and does "
                    + "not let them in.")
        }
        return Session(of: user.id, by: [.password], admitted: admission, at: occasion.now)
    }

    /// The visit that a real request of the client would begin.
    private func visit(
        _ asked: Asked, at tenant: Tenant, through address: Issuer, on occasion: Occasion
    ) async throws -> Visit {
        guard let redirectURI = asked.client.redirectURIs.first else {
            throw TokenPreview.Refusal(
                "no_redirect_uri", "The client has no redirect URI: nobody signs in through it.")
        }
        let parties = ProveRequest.Parties(client: asked.client, redirectURI: redirectURI)
        let proven = try await ProveRequest(registry: registry).request(
            asked.form(answeredAt: redirectURI), of: parties, at: tenant, through: address,
            on: occasion)
        let browser = Secret(for: .browser)
        let target = AuthorizationResponseTarget(
            redirectURI: redirectURI, mode: proven.request.responseMode, state: nil,
            issuer: address)
        return Visit(
            tenant: tenant, client: asked.client,
            interaction: Interaction(
                proven.request, pushed: nil, expecting: nil, of: asked.client.id,
                answering: target, in: browser, at: occasion.now),
            browser: browser)
    }

    // MARK: Sizes

    private func sized(
        _ draft: AccessTokenDraft, for tenant: Tenant, at now: Timestamp
    ) async throws -> TokenPreview.Token {
        let payload = draft.claims.serialized()
        guard draft.target.format == .jwt else {
            return TokenPreview.Token(
                payload: payload, length: Secret(for: .accessToken).revealed.utf8.count,
                algorithm: nil)
        }
        let keys = try await registry.keys(
            of: tenant.id, signingWith: draft.target.algorithm, at: now)
        let signer = try keys.accessTokenSigner(draft.target.algorithm, at: now)
        return try TokenPreview.Token(
            payload: payload, signedBy: signer, with: draft.target.algorithm)
    }

    private func sized(
        _ draft: IDTokenClaims?, for client: Client, of tenant: Tenant, at now: Timestamp
    ) async throws -> TokenPreview.Token? {
        guard var claims = draft else { return nil }
        let algorithm = client.policies.idTokenAlgorithm
        // There is no access token that it could be of; it is as long as any.
        claims.accessTokenHash = AccessTokenHash.inIDToken(
            of: DigestedToken(text: ""), signedWith: algorithm)
        let keys = try await registry.keys(of: tenant.id, signingWith: algorithm, at: now)
        return try TokenPreview.Token(
            payload: claims.serialized(), signedBy: try keys.idTokenSigner(algorithm, at: now),
            with: algorithm)
    }
}

extension Client {
    /// What it has to do before it gets tokens.
    fileprivate var steps: [TokenPreview.Step] {
        policies.requiresDPoP || policies.requiresCertificate ? [.proof] : []
    }
}

extension Standing.Obstacle {
    /// The name of the reason, as checks of a client call it where they find the same.
    fileprivate var reason: String {
        switch self {
        case .tenantDisabled: "tenant_disabled"
        case .clientGone: "client_disabled"
        case .ownerAway: "owner_suspended"
        case .userGone: "user_disabled"
        case .sessionOver, .grantOver, .notLetIn: "not_let_in"
        }
    }
}

extension PreviewTokens.Asked {
    /// The request that the client would send, with what its library makes up.
    fileprivate func form(answeredAt redirectURI: RedirectURI) -> FormParameters {
        var pairs = [
            ("client_id", client.id.text), ("redirect_uri", redirectURI.text),
            ("response_type", "code"), ("scope", scope.text), ("nonce", "nonce"),
            ("code_challenge", String(repeating: "A", count: 43)),
            ("code_challenge_method", "S256"),
        ]
        if let mode = client.policies.responseModes.first {
            pairs.append(("response_mode", mode.text))
        }
        if let organization { pairs.append(("organization", organization)) }
        return FormParameters(pairs + resources.map { ("resource", $0.text) })
    }
}

extension Assessment {
    /// What the person would be asked on the way.
    fileprivate var steps: [TokenPreview.Step] {
        guard step == .askConsent, let question else { return [] }
        return [.consent(question.parts)]
    }
}

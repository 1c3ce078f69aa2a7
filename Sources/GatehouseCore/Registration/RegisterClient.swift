package import GatehouseEncoding
package import GatehouseProtocol
import GatehouseSQL

/// Registers a client that asks for it over HTTP (RFC 7591 §3, OpenID Connect Registration 1.0 §3).
package struct RegisterClient: Sendable {
    let registry: Registry
    let instanceKey: InstanceKey
    let failures: FailureLimits
    let checkRegistration: CheckRegistration
    let publishedLogos: PublishedLogos

    /// What is said of a token that opens nothing, whatever is wrong with it.
    package static let unusable = OAuthError(
        .invalidToken, "The token is missing, unknown, used up or expired.")
    package static let full = OAuthError(
        .accessDenied, "So many clients are registered that no more are taken.")

    private enum Outcome: Sendable {
        case registered
        case unusable
        case limited(LimitExceeded)
        case full
    }

    /// Registers a client, with the token that its request brought.
    ///
    /// What is wrong with the metadata is said before the token is used: it is not used up by that.
    ///
    /// - Throws: ``OAuthError``, or ``LimitExceeded`` if too many come from one network.
    package func register(
        _ json: JSONObject, presenting token: String?, at tenant: Tenant, through issuer: Issuer,
        on occasion: Occasion
    ) async throws -> ClientInformation {
        let secret = token.flatMap { Secret($0, for: .initialAccessToken) }
        let found = try await letIn(secret, token, at: tenant, on: occasion)
        let metadata = try ClientMetadata(json, from: .request)
        let rules = RegistrationRules(
            of: tenant, limits: found?.limits,
            resources: try await registry.resources(of: tenant.id, at: occasion.now),
            algorithms: try await registry.keys(of: tenant.id, at: occasion.now).algorithms,
            mutualTLS: checkRegistration.mutualTLS, source: .request)
        var client = Client(declaring: metadata, as: .registered, at: occasion.now)
        client.registration.limits = found?.limits
        try rules.apply(metadata, to: &client)
        let isCounted = try await checkRegistration.check(
            client, saying: metadata, insteadOf: nil, at: tenant, through: issuer, on: occasion)
        let isStranger = found == nil && !isCounted
        let registration = Registration(
            client: client, tenant: tenant, token: found == nil ? nil : secret,
            tokenID: found?.id,
            secret: client.authentication.needsSecret ? Secret(for: .clientSecret) : nil,
            management: Secret(for: .registrationAccessToken),
            pairwise: try PairwiseSecretRecords.sealed(
                for: client, of: tenant.id, with: instanceKey),
            attempt: isStranger ? checkRegistration.attempt(at: tenant, on: occasion) : nil,
            occasion: occasion)
        let outcome = try await registry.change { transaction in
            try registration.commit(in: transaction.records(of: tenant.id))
        }
        switch outcome {
        case .registered:
            publishedLogos.fetch(of: client, at: tenant.id, through: issuer, on: occasion)
            return registration.information(through: issuer)
        case .unusable: throw Self.unusable
        case .limited(let exceeded): throw exceeded
        case .full: throw Self.full
        }
    }

    /// The token that the request is let in by; nil where everybody is let in.
    private func letIn(
        _ secret: Secret?, _ presented: String?, at tenant: Tenant, on occasion: Occasion
    ) async throws -> InitialAccessToken? {
        if presented == nil, tenant.registrationPolicy.mode == .open { return nil }
        let found = try await registry.database.read { transaction in
            try secret.flatMap {
                try transaction.records(of: tenant.id).initialAccessTokens.find($0.digest)
            }
        }
        if let found, found.isUsable(at: occasion.now) { return found }
        if presented != nil, found == nil {
            try await failures.count(.accessToken, of: tenant.id, on: occasion)
        }
        throw Self.unusable
    }

    /// The transaction's part of it.
    private struct Registration: Sendable {
        let client: Client
        let tenant: Tenant
        let token: Secret?
        let tokenID: InitialAccessToken.ID?
        let secret: Secret?
        let management: Secret
        let pairwise: [UInt8]?
        let attempt: Attempt?
        let occasion: Occasion

        func commit(in records: TenantRecords) throws -> Outcome {
            let now = occasion.now
            if case .exceeded(let exceeded) = try attempt?.count(in: records, on: occasion) {
                return .limited(exceeded)
            }
            guard try records.registrations.makeRoom(in: tenant) else { return .full }
            if let token, try !records.initialAccessTokens.use(token.digest, at: now) {
                return .unusable
            }
            if let pairwise { try records.pairwiseSecrets.insert(pairwise, at: now) }
            try records.clients.insert(client)
            if let secret {
                try records.clients.add(ClientSecret(secret, at: now), to: client.id)
            }
            try records.registrations.setToken(management.digest, of: client.id)
            try records.registrations.begin(
                client.id, unusedUntil: now + tenant.registrationPolicy.unusedLifetime)
            var detail: [(name: StaticString, value: String)] = [("origin", "registered")]
            if let tokenID { detail.append(("initial_access_token", tokenID.text)) }
            try records.events.append(
                Event(.clientCreated, by: .anonymous, of: client.id.text, detail: detail),
                on: occasion)
            return .registered
        }

        func information(through issuer: Issuer) -> ClientInformation {
            ClientInformation(
                client: client, secret: secret, token: management,
                address: issuer.configurationURL(of: client.id))
        }
    }
}

extension Client {
    /// A client that makes itself known: somebody else's, whatever it says, so people are asked what
    /// it may do.
    init(
        declaring metadata: ClientMetadata, as origin: Origin, id: ID? = nil, at now: Timestamp
    ) {
        self.init(name: metadata.defaultName, kind: .web, id: id, at: now)
        registration.origin = origin
        policies.party = .third
    }
}

extension ClientMetadata {
    /// What a client is called that does not say.
    var defaultName: DisplayName {
        let host = redirectURIs.first.map(\.destination)
        return name ?? host.flatMap(DisplayName.init(parsing:)) ?? .unnamed
    }
}

extension Issuer {
    /// Where a client manages its registration (RFC 7592 §2).
    func configurationURL(of client: Client.ID) -> String {
        url(Endpoint.clientConfiguration.path + client.text)
    }
}

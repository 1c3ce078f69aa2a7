import GatehouseJOSE
package import GatehouseProtocol
import GatehouseSQL
package import GatehouseX509

/// Finds out which client a request is from (RFC 6749 §2.3).
package struct ClientAuthenticator: Sendable {
    let registry: Registry
    let usage: UsageRecorder
    let publishedKeys: PublishedKeys
    let clients: FindClient
    let authorities: CertificateAuthorities?

    package init(
        registry: Registry, usage: UsageRecorder, publishedKeys: PublishedKeys,
        clients: FindClient, authorities: CertificateAuthorities? = nil
    ) {
        self.clients = clients
        self.authorities = authorities
        self.registry = registry
        self.usage = usage
        self.publishedKeys = publishedKeys
    }

    /// What a request brought, as far as it can be right.
    private enum Proof: Sendable {
        case none
        /// Nothing but the certificate of its connection.
        case certificate(ClientCertificate)
        case secret(Secret, isInHeader: Bool)
        case assertion(PresentedAssertion)
    }

    private static let failed = OAuthError(.invalidClient, "Client authentication failed.")
    private static let ownerAway = OAuthError(
        .unauthorizedClient, "The organization of the client is suspended or deleted.")

    /// The client, if it proved who it is in the way that it is registered with.
    ///
    /// Whatever is wrong, the answer is the same: an unknown client and a wrong secret cannot be
    /// told apart. Only a client that proved itself is told that nothing is done for it now.
    package func authenticate(
        _ authentication: ClientAuthentication, showing certificate: ClientCertificate? = nil,
        of tenant: Tenant, through issuer: Issuer, on occasion: Occasion
    ) async throws -> Client {
        guard let id = Client.ID(parsing: authentication.clientID),
            let proof = Self.proof(
                authentication, certificate, of: id, to: issuer, at: occasion.now)
        else { throw Self.failed }
        let client = try await registry.lookingTwice(at: occasion.now) {
            try await check(id, proof, of: tenant, through: issuer, on: occasion)
        }
        guard let client else { throw Self.failed }
        if case .assertion(let assertion) = proof {
            guard try await use(assertion, of: client, in: tenant, on: occasion) else {
                throw Self.failed
            }
        }
        guard client.hasActiveOwner else { throw Self.ownerAway }
        return client
    }

    private static func proof(
        _ authentication: ClientAuthentication, _ certificate: ClientCertificate?,
        of id: Client.ID, to issuer: Issuer, at now: Timestamp
    ) -> Proof? {
        switch authentication {
        case .none: return certificate.map { .certificate($0) } ?? Proof.none
        case .clientSecretBasic(_, let text):
            return Secret(text, for: .clientSecret).map { .secret($0, isInHeader: true) }
        case .clientSecretPost(_, let text):
            return Secret(text, for: .clientSecret).map { .secret($0, isInHeader: false) }
        case .privateKeyJWT(let assertion):
            do {
                return .assertion(
                    try PresentedAssertion(assertion.text, from: id, to: issuer, at: now))
            } catch {
                return nil
            }
        }
    }

    /// The client, if the proof is one of its own and it may act, or could in an organization that
    /// is not away.
    private func check(
        _ id: Client.ID, _ proof: Proof, of tenant: Tenant, through issuer: Issuer,
        on occasion: Occasion
    ) async throws -> Client? {
        guard
            let registered = try await clients.find(
                id, of: tenant, through: issuer, on: occasion)
        else { return nil }
        let client = registered.client
        var standing = Standing(tenant: tenant)
        standing.client = .involved(client)
        guard [nil, .ownerAway].contains(standing.obstacle(at: occasion.now)) else { return nil }
        switch (client.authentication, proof) {
        // A public client may have a certificate too: its tokens may be bound to it (RFC 8705 §4).
        case (.none, .none), (.none, .certificate): return client
        case (.clientSecret, .secret(let secret, _)),
            (.clientSecretBasic, .secret(let secret, isInHeader: true)),
            (.clientSecretPost, .secret(let secret, isInHeader: false)):
            guard let known = registered.secret(secret) else { return nil }
            usage.record(secret: known, of: tenant.id, at: occasion.now)
            return client
        case (.privateKeyJWT(let keys), .assertion(let assertion)):
            return await verify(assertion, by: keys, of: client, in: tenant, on: occasion)
                ? client : nil
        case (.tlsClientAuth(let name), .certificate(let certificate)):
            guard let authorities, certificate.says(name),
                certificate.isVouchedFor(by: authorities, at: occasion.now)
            else { return nil }
            return client
        case (.selfSignedTLSClientAuth(let keys), .certificate(let certificate)):
            return await verify(certificate, by: keys, of: client, in: tenant, on: occasion)
                ? client : nil
        default: return nil
        }
    }

    /// Whether one of the client's keys signed the assertion, by an algorithm that its profile
    /// allows.
    private func verify(
        _ assertion: PresentedAssertion, by keys: ClientKeys, of client: Client, in tenant: Tenant,
        on occasion: Occasion
    ) async -> Bool {
        let algorithms = client.policies.profile.algorithms
        do {
            try await publishedKeys.verify(
                with: keys, of: .client(client.id), in: tenant.id, on: occasion
            ) { keys throws(JOSEError) in
                try assertion.verify(by: keys, algorithms: algorithms)
            }
            return true
        } catch {
            return false
        }
    }

    /// Whether a certificate is one of the client's own.
    private func verify(
        _ certificate: ClientCertificate, by keys: ClientKeys, of client: Client,
        in tenant: Tenant, on occasion: Occasion
    ) async -> Bool {
        do {
            try await publishedKeys.verify(
                with: keys, of: .client(client.id), in: tenant.id, on: occasion
            ) { keys throws(JOSEError) in
                guard certificate.isOne(of: keys) else { throw .unknownKey }
            }
            return true
        } catch {
            return false
        }
    }

    /// Uses an assertion that the client signed: it works once, on whichever node (RFC 7523 §3).
    private func use(
        _ assertion: PresentedAssertion, of client: Client, in tenant: Tenant,
        on occasion: Occasion
    ) async throws -> Bool {
        try await registry.database.write { transaction in
            let records = transaction.records(of: tenant.id)
            if try records.clientAssertions.use(assertion, of: client.id) { return true }
            let isNews = try records.clientAssertions.noteReuse(
                assertion, of: client.id, at: occasion.now)
            if isNews {
                try records.events.append(
                    Event(.clientAssertionReused, by: .anonymous, of: client.id.text),
                    on: occasion)
            }
            return false
        }
    }
}

import GatehouseCore
import GatehouseJOSE
import GatehouseProtocol
import Testing

@Suite struct `A profile` {
    private static func client(_ profile: ClientProfile) throws -> Client {
        var client = try World.client("Bank", .web)
        client.policies.idTokenAlgorithm = .rs256
        client.authentication = .privateKeyJWT(
            .registered(JSONWebKeySet([try SigningKey(generating: .es256).publicKey])))
        client.adopt(profile)
        return client
    }

    @Test(arguments: ClientProfile.allCases)
    func `sets what it asks for`(profile: ClientProfile) throws {
        let client = try Self.client(profile)
        #expect(client.contradictions.isEmpty)
        #expect(client.policies.profile == profile)
        let isFAPI = !profile.demands.isEmpty
        #expect(client.policies.requiresPushedRequests == isFAPI)
        #expect(client.policies.requiresDPoP == isFAPI)
        #expect((client.policies.idTokenAlgorithm == .rs256) == !isFAPI)
        #expect(profile.algorithms.contains(.rs256) == !isFAPI)
        #expect(client.policies.requiresSignedRequests == (profile == .fapi2MessageSigning))
        #expect(
            client.policies.responseModes.allSatisfy(\.isSigned)
                == (profile == .fapi2MessageSigning))
    }

    private static let breaches: [(ProfileDemand, @Sendable (inout Client) throws -> Void)] = [
        (.keyAuthentication, { $0.authentication = .clientSecret }),
        (.pushedRequests, { $0.policies.requiresPushedRequests = false }),
        (.boundTokens, { $0.policies.requiresDPoP = false }),
        (.strongAlgorithms, { $0.policies.accessTokenAlgorithm = .rs256 }),
        (.strongAlgorithms, { $0.policies.userInfoAlgorithm = .rs256 }),
        (.strongAlgorithms, { $0.policies.requestObjectAlgorithm = .rs256 }),
        (.proofKeys, { $0.policies.requiresPKCE = false }),
        (.stableRefreshTokens, { $0.policies.rotation = .rotate }),
        (
            .secureRedirects,
            { $0.redirectURIs.append(try RedirectURI(registering: "http://127.0.0.1/cb")) }
        ),
        (
            .secureRedirects,
            { $0.redirectURIs.append(try RedirectURI(registering: "com.example.app:/cb")) }
        ),
        (.noOtherDevice, { $0.policies.allowsDeviceAuthorization = true }),
        (.signedRequests, { $0.policies.requiresSignedRequests = false }),
        (.signedResponses, { $0.policies.responseModes.append(.query) }),
    ]

    @Test(arguments: breaches.indices)
    func `names each promise that is broken`(index: Int) throws {
        let (demand, breach) = Self.breaches[index]
        var client = try Self.client(.fapi2MessageSigning)
        try breach(&client)
        #expect(client.contradictions == [demand])
        client.policies.profile = .standard
        #expect(client.contradictions.isEmpty)
    }

    @Test func `is kept by mutual TLS as well`() throws {
        let name = try #require(CertificateName("tls_client_auth_subject_dn", "CN=bank"))
        var client = try World.client("Bank", .web)
        client.policies.requiresCertificate = true
        client.adopt(.fapi2)
        #expect(client.policies.requiresCertificate && !client.policies.requiresDPoP)
        #expect(client.contradictions == [.keyAuthentication])
        client.authentication = .tlsClientAuth(name)
        #expect(client.contradictions.isEmpty)
        client.policies.tokenBinding = .proven
        #expect(client.contradictions == [.boundTokens])
    }

    @Test func `names all of them at once`() throws {
        var client = try World.client("Bank", .web)
        client.policies.profile = .fapi2
        let refusal = ClientRefusal.contradictions(.fapi2, client.contradictions)
        for words in ["private_key_jwt", "pushed", "DPoP"] {
            #expect(refusal.description.contains(words))
        }
        #expect(refusal.description.contains("fapi2"))
    }
}

extension UseCases {
    @Suite struct `A client and its profile` {
        @Test(arguments: Backend.available)
        func `agree, or the client is neither made nor changed`(backend: Backend) async throws {
            try await backend.withWorld { world in
                var bank = try World.client("Bank", .web)
                bank.policies.profile = .fapi2
                await #expect(throws: ClientRefusal.self) {
                    try await world.gatehouse.clients.create(
                        bank, in: world.acme.id, on: World.occasion())
                }
                #expect(try await world.gatehouse.clients.find(bank.id, in: world.acme.id) == nil)
                await #expect(throws: ClientRefusal.self) {
                    try await world.gatehouse.clients.update(
                        world.web.id, in: world.acme.id, on: World.occasion()
                    ) { $0.policies.profile = .fapi2MessageSigning }
                }
                let kept = try await world.gatehouse.clients.find(world.web.id, in: world.acme.id)
                #expect(kept?.policies.profile == .standard)
            }
        }

        @Test(arguments: Backend.available)
        func `that is let off a default is called legacy`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let changed = try await world.gatehouse.clients.update(
                    world.web.id, in: world.acme.id, on: World.occasion()
                ) { $0.policies.requiresPKCE = false }
                #expect(changed?.policies.profile == .legacy)
                let found = try await world.gatehouse.clients.find(world.web.id, in: world.acme.id)
                #expect(found?.policies.profile == .legacy)
            }
        }
    }
}

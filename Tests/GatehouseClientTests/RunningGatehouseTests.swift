import Foundation
import GatehouseClient
import Testing

@Suite(.serialized) struct `With a running Gatehouse` {
    /// Runs a test with a server of its own.
    private func run(
        _ body: (RunningGatehouse, HTTPTransport) async throws -> Void
    ) async throws {
        let transport = HTTPTransport()
        let gatehouse = try RunningGatehouse(listeningTo: try freePort())
        var failure: (any Error)?
        do {
            try await gatehouse.serve(transport)
            try await body(gatehouse, transport)
        } catch {
            failure = error
        }
        gatehouse.end()
        try await transport.shutdown()
        if let failure { throw failure }
    }

    /// A port that nobody listens to.
    private func freePort() throws -> Int {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(socket, pointer, length) == 0 && getsockname(socket, pointer, &length) == 0
            }
        }
        try #require(bound)
        return Int(UInt16(bigEndian: address.sin_port))
    }

    @Test func `an app gets tokens for itself, and an API checks them`() async throws {
        try await run { gatehouse, transport in
            let client = try gatehouse.client(["--type", "machine", "--audience", "api"])
            let provider = try await IdentityProvider.discover(
                gatehouse.issuer,
                as: ClientConfiguration(clientID: client.id, credential: .secret(client.secret)),
                clock: .system, transport: transport)
            let token = try await provider.clientCredentials()
            let request = ProtectedRequest(
                authorization: ["Bearer \(token.accessToken)"], method: "GET",
                url: "https://api.test/")
            for introspection in [
                VerifierConfiguration.Introspection.never,
                .always(clientID: client.id, credential: .secret(client.secret)),
            ] {
                var configuration = VerifierConfiguration(audience: "api")
                configuration.introspection = introspection
                let verifier = try await TokenVerifier.discover(
                    gatehouse.issuer, configuration, clock: .system, transport: transport)
                #expect(try await verifier.verify(request).clientID == client.id)
                guard case .always = introspection else { continue }
                try await provider.revoke(token.accessToken)
                await #expect(throws: TokenRefusal.self) { try await verifier.verify(request) }
            }
        }
    }

    @Test func `an API key opens an API from its networks`() async throws {
        try await run { gatehouse, transport in
            let api = try gatehouse.client(["--type", "machine"])
            let resource = "https://api.test"
            _ = try gatehouse.ask([
                "resource", "create", "--tenant", "acme", "--name", "API", "--identifier", resource,
                "--server", api.id,
            ])
            let organization = try gatehouse.ask([
                "organization", "create", "initech", "--tenant", "acme", "--name", "Initech",
            ])
            let key = try gatehouse.ask([
                "api-key", "create", "--tenant", "acme", "--name", "Sync", "--organization",
                "initech", "--resource", resource, "--scope", "orders:read", "--network",
                "192.0.2.0/24",
            ])
            var configuration = VerifierConfiguration(audience: resource)
            configuration.introspection = .ofOpaqueTokens(
                clientID: api.id, credential: .secret(api.secret))
            let verifier = try await TokenVerifier.discover(
                gatehouse.issuer, configuration, clock: .system, transport: transport)
            var request = ProtectedRequest(
                authorization: ["Bearer \(key["api_key"] as? String ?? "")"], method: "GET",
                url: "https://api.test/")
            for address in [nil, "198.51.100.7", "192.0.2.300"] {
                request.clientAddress = address
                await #expect(throws: TokenRefusal.self) { try await verifier.verify(request) }
            }
            request.clientAddress = "192.0.2.7"
            let token = try await verifier.verify(request)
            #expect(token.subject == organization["id"] as? String)
            #expect(token.has(scope: "orders:read") && token.clientID == nil)
        }
    }

    @Test func `an app proves itself by a key that is registered`() async throws {
        try await run { gatehouse, transport in
            let (key, another) = (try ClientKey(), try ClientKey())
            let file = try gatehouse.file("keys.json", key.publicKeySet)
            let client = try gatehouse.client([
                "--type", "machine", "--authentication", "private_key_jwt", "--jwks", file,
            ])
            for (key, isRight) in [(key, true), (another, false)] {
                let provider = try await IdentityProvider.discover(
                    gatehouse.issuer,
                    as: ClientConfiguration(clientID: client.id, credential: .key(key)),
                    clock: .system, transport: transport)
                let error = await clientError { _ = try await provider.clientCredentials() }
                #expect((error == nil) == isRight)
            }
        }
    }

    @Test func `tokens are bound to a key, with and without nonces`() async throws {
        try await run { gatehouse, transport in
            for nonce in ["optional", "required"] {
                let client = try gatehouse.client([
                    "--type", "machine", "--audience", "api", "--dpop-bound-access-tokens",
                    "--dpop-nonce", nonce,
                ])
                var configuration = ClientConfiguration(
                    clientID: client.id, credential: .secret(client.secret))
                configuration.tokenKey = try ClientKey()
                let provider = try await IdentityProvider.discover(
                    gatehouse.issuer, as: configuration, clock: .system, transport: transport)
                let token = try await provider.clientCredentials()
                let verifier = try await TokenVerifier.discover(
                    gatehouse.issuer, VerifierConfiguration(audience: "api"), clock: .system,
                    transport: transport)
                var request = ProtectedRequest(
                    authorization: ["DPoP \(token.accessToken)"], method: "POST",
                    url: "https://api.test/a?b=c")
                request.proofs = [
                    try provider.proof(
                        method: "POST", url: request.url, accessToken: token.accessToken)
                ]
                #expect(try await verifier.verify(request).clientID == client.id)
                await #expect(throws: TokenRefusal.self) { try await verifier.verify(request) }
            }
        }
    }

    @Test func `requests are pushed, and devices wait`() async throws {
        try await run { gatehouse, transport in
            let client = try gatehouse.client([
                "--type", "web", "--redirect-uri", "http://127.0.0.1:1/callback",
                "--device-authorization", "--require-pushed-authorization-requests",
            ])
            var configuration = ClientConfiguration(
                clientID: client.id, credential: .secret(client.secret),
                redirectURI: "http://127.0.0.1:1/callback")
            configuration.pushesRequests = true
            configuration.tokenKey = try ClientKey()
            let provider = try await IdentityProvider.discover(
                gatehouse.issuer, as: configuration, clock: .system, transport: transport)
            let attempt = try await provider.authorizationURL()
            #expect(attempt.url.contains("request_uri="))
            let device = try await provider.authorizeDevice()
            #expect(device.verificationURI == gatehouse.issuer + "/device")
            configuration.credential = .secret("wrong")
            let other = try await IdentityProvider.discover(
                gatehouse.issuer, as: configuration, clock: .system, transport: transport)
            let error = await clientError { _ = try await other.authorizationURL() }
            guard case .oauth(let refusal) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(refusal.code == "invalid_client" && refusal.status == 401)
        }
    }
}

import GatehouseCore
import GatehouseEncoding
import GatehouseJOSE
import GatehouseProtocol
import GatehouseSQL
import Testing

@Suite struct `A kind of client` {
    @Test(arguments: Client.Kind.allCases)
    func `GH-079: may use the grant types of its kind`(kind: Client.Kind) throws {
        let client = try World.client("Any", kind)
        for type in GrantType.allCases {
            // Others need a policy of their own.
            let isOfKinds = [.authorizationCode, .refreshToken, .clientCredentials].contains(type)
            let isAllowed = isOfKinds && (type == .clientCredentials) == (kind == .machine)
            let refused = throwsError { () throws(OAuthError) in
                try client.requireGrantType(type)
            }
            #expect(refused != isAllowed)
        }
        #expect(client.isConfidential == kind.isConfidential)
        #expect(kind.isConfidential == (kind == .web || kind == .machine))
        #expect((client.policies.rotation == .rotate) == !kind.isConfidential)
        #expect(client.policies.requiresPKCE)
    }

    @Test func `sees at userinfo what was granted, or all that it may ask for`() throws {
        var client = try World.client("Any", .web)
        client.scope = Scope("openid", "email", "offline_access")
        let granted = Scope("openid", "profile")
        #expect(client.userInfoScope(for: granted) == granted)
        client.policies.userInfoScope = .registered
        #expect(client.userInfoScope(for: granted) == client.scope)
    }

    private func throwsError(_ body: () throws(OAuthError) -> Void) -> Bool {
        do throws(OAuthError) {
            try body()
            return false
        } catch {
            return error.code == .unauthorizedClient
        }
    }
}

extension UseCases {
    @Suite struct `A client` {
        private func authenticate(
            _ world: World, _ authentication: ClientAuthentication, at tenant: Tenant? = nil
        ) async throws -> Client.ID {
            try await world.gatehouse.clientAuthenticator.authenticate(
                authentication, of: tenant ?? world.acme, through: world.issuer,
                on: World.occasion(after: .seconds(1))
            ).id
        }

        private func basic(_ id: String, _ secret: String) -> ClientAuthentication {
            .clientSecretBasic(clientID: id, secret: secret)
        }

        @Test(arguments: Backend.available)
        func `is kept as it was registered`(backend: Backend) async throws {
            try await backend.withWorld { world in
                var client = try World.client("Söhne \"& Co\"", .spa)
                client.redirectURIs.append(try RedirectURI(registering: "com.acme.app:/cb?a=%22"))
                client.scope = Scope("openid", "api:read")
                client.policies.audience = "https://api.acme.test"
                client.policies.accessTokenLifetime = .minutes(5)
                client.policies.rotationLeeway = .seconds(0)
                client.policies.refreshTokens = .always
                client.policies.idTokenAlgorithm = .edDSA
                client.policies.accessTokenHasEmail = true
                client.policies.userInfoScope = .registered
                client.policies.profile = .legacy
                client.policies.userInfoAlgorithm = .ps256
                client.policies.requestObjectAlgorithm = .es256
                let made = client
                let secret = try await world.gatehouse.clients.create(
                    made, in: world.acme.id, on: World.occasion())
                #expect(secret == nil)
                let found = try #require(
                    try await world.gatehouse.clients.find(made.id, in: world.acme.id))
                #expect(found.name == made.name && found.kind == .spa)
                #expect(found.redirectURIs == made.redirectURIs)
                #expect(found.postLogoutRedirectURIs == made.postLogoutRedirectURIs)
                #expect(found.scope == made.scope && found.policies == made.policies)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-085, GH-086: proves who it is in the way of its kind`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let (web, phone) = (world.web.id.text, world.phone.id.text)
                let secret = world.webSecret.revealed
                #expect(try await authenticate(world, basic(web, secret)) == world.web.id)
                let post = ClientAuthentication.clientSecretPost(clientID: web, secret: secret)
                #expect(try await authenticate(world, post) == world.web.id)
                #expect(try await authenticate(world, .none(clientID: phone)) == world.phone.id)
                for wrong in [
                    .none(clientID: web), basic(web, ""), basic(web, " "), basic(web, "\0"),
                    basic(web, secret + "A"), basic(web, String(secret.dropLast())),
                    basic(web, secret.uppercased()), basic(web, " " + secret),
                    basic(web, Secret(for: .clientSecret).revealed), basic(phone, secret),
                    basic(phone, ""), basic("", secret), basic(web.uppercased(), secret),
                    basic(web + "\u{301}", secret), .none(clientID: "' OR 1=1--"),
                    .none(clientID: Client.ID(at: World.start).text),
                    basic(world.kay.id.text, secret), .none(clientID: ""),
                ] as [ClientAuthentication] {
                    let error = try await refusal { try await authenticate(world, wrong) }
                    #expect(error == .invalidClient)
                }
                let error = try await refusal {
                    try await authenticate(world, basic(web, secret), at: world.umbra)
                }
                #expect(error == .invalidClient)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-103: is nobody once it, its secret or its tenant is gone`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let (clients, acme) = (world.gatehouse.clients, world.acme.id)
                let (web, occasion) = (world.web.id, World.occasion())
                let added = try await clients.addSecret(to: web, in: acme, on: occasion)
                let new = basic(web.text, added.secret.revealed)
                let old = basic(web.text, world.webSecret.revealed)
                _ = try await authenticate(world, new)
                _ = try await authenticate(world, old)
                #expect(
                    try await clients.removeSecret(
                        added.record.id, of: world.phone.id, in: acme, on: occasion) == false)
                #expect(
                    try await clients.removeSecret(
                        added.record.id, of: web, in: acme, on: occasion))
                #expect(try await refusal { try await authenticate(world, new) } == .invalidClient)
                _ = try await authenticate(world, old)
                var disabled = world.acme
                disabled.disabledAt = World.start
                let suspended = disabled
                let error = try await refusal {
                    try await authenticate(world, old, at: suspended)
                }
                #expect(error == .invalidClient)
                _ = try await clients.update(web, in: acme, on: occasion) {
                    $0.disabledAt = World.start
                }
                #expect(try await refusal { try await authenticate(world, old) } == .invalidClient)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-104: has secrets of which only digests are kept`(backend: Backend) async throws {
            try await backend.withWorld { world in
                _ = try await authenticate(
                    world, basic(world.web.id.text, world.webSecret.revealed))
                let secrets = try await world.gatehouse.clients.secrets(
                    of: world.web.id, in: world.acme.id)
                #expect(secrets.map(\.digest) == [world.webSecret.digest])
                #expect(secrets.first?.lastUsedAt == nil)
                try await world.gatehouse.usage.flush(to: world.database)
                let after = try await world.gatehouse.clients.secrets(
                    of: world.web.id, in: world.acme.id)
                #expect(after.first?.lastUsedAt == World.start + .seconds(1))
            }
        }

        @Test(arguments: Backend.available)
        func `gets a key for the algorithm that it is registered with`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                _ = try await world.gatehouse.clients.update(
                    world.web.id, in: world.acme.id, on: World.occasion()
                ) { $0.policies.idTokenAlgorithm = .edDSA }
                let client = try #require(
                    try await world.gatehouse.clients.find(world.web.id, in: world.acme.id))
                let code = try await world.code(for: client)
                let tokens = try await world.redeem(code.secret, by: client)
                let header = try UnverifiedJWS(parsing: try #require(tokens.idToken))
                #expect(header.unverifiedHeader["alg"]?.string == "EdDSA")
                #expect(
                    try await world.gatehouse.clients.update(
                        Client.ID(at: World.start), in: world.acme.id, on: World.occasion()
                    ) { _ in } == nil)
            }
        }
    }
}

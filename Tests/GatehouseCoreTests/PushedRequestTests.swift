import GatehouseCore
import GatehouseProtocol
import GatehouseSQL
import Testing

extension UseCases {
    @Suite struct `A pushed request` {
        private static let proof = [
            ("code_challenge", World.challenge), ("code_challenge_method", "S256"),
        ]

        private func push(
            _ world: World, by client: Client, _ parameters: [(String, String)] = proof
        ) async throws -> String {
            let usual = [("response_type", "code"), ("redirect_uri", World.callback)]
            return try await world.gatehouse.pushAuthorizationRequest.push(
                FormParameters(usual + parameters), with: nil, by: client, of: world.acme,
                through: world.issuer, on: World.occasion()
            ).requestURI
        }

        private func bring(
            _ world: World, _ reference: String, of client: Client, from browser: Browser,
            after delay: Lifetime = .seconds(1), through issuer: Issuer? = nil
        ) async throws -> Authorize.Outcome {
            try await world.gatehouse.authorize.begin(
                FormParameters([("client_id", client.id.text), ("request_uri", reference)]),
                at: world.acme, through: issuer ?? world.issuer, from: browser,
                on: World.occasion(after: delay))
        }

        private func isRefused(_ outcome: Authorize.Outcome) -> Bool {
            guard case .refused(let refusal) = outcome else { return false }
            return refusal.rule == .unusableRequestURI
        }

        @Test(arguments: Backend.available)
        func `GH-323, GH-325, GH-326: is brought by its client, in its time, and spent by a code`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let browser = try await world.signIn().browser
                let reference = try await push(world, by: world.web)
                let other = Issuer(stored: "https://id.acme.test")
                let refused = [
                    try await bring(world, reference, of: world.phone, from: browser),
                    try await bring(world, reference + "A", of: world.web, from: browser),
                    try await bring(
                        world, reference, of: world.web, from: browser,
                        after: PushedRequest.lifetime),
                    try await bring(
                        world, reference, of: world.web, from: browser, through: other),
                ]
                for outcome in refused { #expect(isRefused(outcome)) }
                let last = Lifetime.seconds(PushedRequest.lifetime.seconds - 1)
                let answer = try await bring(
                    world, reference, of: world.web, from: browser, after: last)
                #expect(try answer.code != nil)
                #expect(
                    isRefused(
                        try await bring(
                            world, reference, of: world.web, from: browser, after: last)))
            }
        }

        @Test(arguments: Backend.available)
        func `GH-323, GH-458: yields one code however many bring it at once`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let browser = try await world.signIn().browser
                let reference = try await push(world, by: world.phone)
                let outcomes = await concurrently(16) { _ in
                    try await bring(world, reference, of: world.phone, from: browser).code
                }
                let codes = outcomes.count { outcome in
                    guard case .success(let code) = outcome else { return false }
                    return code != nil
                }
                #expect(codes == 1)
                #expect(try await world.count(.grantCreated) == 1)
            }
        }

        @Test(arguments: Backend.available)
        func `is refused to its client if it could not be met`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let wrong: [(OAuthError.Code, [(String, String)])] = [
                    (.invalidRequest, []), (.invalidScope, Self.proof + [("scope", "admin")]),
                    (.invalidRequest, Self.proof + [("request_uri", "urn:x")]),
                    (.invalidRequest, Self.proof + [("response_mode", "fragment")]),
                    (.invalidRequestObject, Self.proof + [("request", "a.b.c")]),
                ]
                for (code, parameters) in wrong {
                    let told = try await refusal {
                        try await push(world, by: world.web, parameters)
                    }
                    #expect(told == code)
                }
            }
        }
    }
}

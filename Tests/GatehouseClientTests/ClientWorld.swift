import GatehouseClient
import GatehouseTesting
import Testing

/// An app, a provider on this machine, and a clock that both go by.
struct ClientWorld: Sendable {
    let issuer: FakeIssuer
    let time: TestClock
    let transport: HTTPTransport
    var configuration = ClientConfiguration(
        clientID: "app", credential: .secret("s3cret &+%"),
        redirectURI: "https://app.test/callback")

    /// Runs a test with a world of its own.
    static func run(
        _ body: (inout ClientWorld) async throws -> Void
    ) async throws {
        let time = TestClock()
        let transport = HTTPTransport()
        var failure: (any Error)?
        do {
            try await FakeIssuer.run(clock: time.clock) { issuer in
                var world = ClientWorld(issuer: issuer, time: time, transport: transport)
                try await body(&world)
            }
        } catch {
            failure = error
        }
        try await transport.shutdown()
        if let failure { throw failure }
    }

    /// The provider as the app sees it.
    func provider() async throws -> IdentityProvider {
        try await IdentityProvider.discover(
            issuer.address, as: configuration, clock: time.clock, transport: transport)
    }

    /// The API behind the app.
    func verifier(
        _ configure: (inout VerifierConfiguration) -> Void = { _ in }
    ) async throws -> TokenVerifier {
        var configuration = VerifierConfiguration(audience: "api")
        configure(&configuration)
        return try await TokenVerifier.discover(
            issuer.address, configuration, clock: time.clock, transport: transport)
    }

    /// Signs the person in.
    func signIn(
        at provider: IdentityProvider, _ options: AuthorizationOptions = AuthorizationOptions()
    ) async throws -> Agent {
        let attempt = try await provider.authorizationURL(options)
        return try await provider.exchange(callback: issuer.callback(for: attempt), for: attempt)
    }
}

/// The error that something ends with, if it is one of the library's.
func clientError(_ body: () async throws -> Void) async -> ClientError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? ClientError
    }
}

/// Counts from many tasks.
actor Tally {
    private(set) var count = 0

    func add() { count += 1 }
}

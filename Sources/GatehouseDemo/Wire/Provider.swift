import GatehouseClient

/// The provider, asked for what it says of itself when it is first needed: the demo may run before it.
actor Provider {
    private let settings: DemoSettings
    private let clock: ClientClock
    private let random: RandomSource
    private var party: IdentityProvider?
    private var api: TokenVerifier?

    init(settings: DemoSettings, clock: ClientClock, random: RandomSource) {
        self.settings = settings
        self.clock = clock
        self.random = random
    }

    /// The provider as the app sees it that leaves sign-in to it.
    func relyingParty() async throws -> IdentityProvider {
        if let party { return party }
        let found = try await IdentityProvider.discover(
            settings.issuer,
            as: ClientConfiguration(
                clientID: settings.clientID, credential: .secret(settings.clientSecret),
                redirectURI: settings.redirectURI), clock: clock, random: random)
        party = found
        return found
    }

    /// What decides about tokens where the app is an API.
    ///
    /// The demo is both, so its API takes the tokens that are for the app.
    func verifier() async throws -> TokenVerifier {
        if let api { return api }
        let found = try await TokenVerifier.discover(
            settings.issuer, VerifierConfiguration(audience: settings.clientID), clock: clock,
            random: random)
        api = found
        return found
    }
}

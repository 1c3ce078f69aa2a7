/// The provider that an app leaves sign-in to, seen by one of its clients.
///
/// Make one when the app starts, and share it: it keeps the provider's keys, and sees to it that
/// tokens are refreshed once however many tasks ask for it.
public struct IdentityProvider: Sendable {
    /// What the app is at the provider.
    public let configuration: ClientConfiguration
    let metadata: ProviderMetadata
    let keys: KeySource
    package let clock: ClientClock
    let random: RandomSource
    let endpoints: EndpointRequests
    let refreshes = Refreshes()
    let answered = AnsweredAttempts()

    /// The issuer, as its tokens name it.
    public var issuer: String { metadata.issuer }

    /// Asks an issuer for its metadata, and refuses what does not speak for this very issuer
    /// (OpenID Connect Discovery 1.0 §4.3).
    ///
    /// - Parameters:
    ///   - issuer: The address of the issuer, byte for byte as its tokens name it. It is https, or
    ///     plain http on this machine.
    ///   - configuration: What the app is there.
    ///   - clock: What tells the time: `.system`, but for tests.
    ///   - random: Where states, nonces and verifiers come from.
    ///   - transport: Through which connections the provider is asked.
    /// - Returns: The provider, to be shared by the whole app.
    /// - Throws: ``ClientError``.
    public static func discover(
        _ issuer: String, as configuration: ClientConfiguration, clock: ClientClock,
        random: RandomSource = .system, transport: HTTPTransport = .shared
    ) async throws -> IdentityProvider {
        let metadata = try await ProviderMetadata.discover(issuer, transport: transport)
        return IdentityProvider(
            configuration: configuration, metadata: metadata,
            keys: KeySource(metadata.keySet, transport: transport, clock: clock),
            clock: clock, random: random,
            endpoints: EndpointRequests(
                configuration: configuration, issuer: issuer, transport: transport, clock: clock,
                random: random))
    }
}

extension ProviderMetadata {
    /// Asks an issuer for its metadata.
    static func discover(
        _ issuer: String, transport: HTTPTransport
    ) async throws -> ProviderMetadata {
        guard let address = address(of: issuer) else {
            throw ClientError.configuration(
                "The issuer has to be an https address without a query.")
        }
        let answer = try await transport.send(HTTPTransport.Request(address: address))
        guard answer.status == 200 else {
            throw ClientError.unreachable("There is no metadata at \(address.text).")
        }
        return try ProviderMetadata(parsing: answer.body, issuer: issuer)
    }
}

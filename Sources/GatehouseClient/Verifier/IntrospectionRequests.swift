private import GatehouseEncoding
internal import GatehouseJOSE

/// How an API asks the issuer about a token (RFC 7662).
struct IntrospectionRequests: Sendable {
    /// Whether it asks for each token, and not only for those that it cannot read.
    let asksAlways: Bool
    private let address: ProviderAddress
    private let endpoints: EndpointRequests
    private let issuer: String

    /// Nil if the API never asks.
    init?(
        _ introspection: VerifierConfiguration.Introspection, _ metadata: ProviderMetadata,
        transport: HTTPTransport, clock: ClientClock, random: RandomSource
    ) throws {
        let client: ClientConfiguration
        switch introspection {
        case .never: return nil
        case .ofOpaqueTokens(let clientID, let credential):
            asksAlways = false
            client = ClientConfiguration(clientID: clientID, credential: credential)
        case .always(let clientID, let credential):
            asksAlways = true
            client = ClientConfiguration(clientID: clientID, credential: credential)
        }
        address = try metadata.address(of: .introspection)
        issuer = metadata.issuer
        endpoints = EndpointRequests(
            configuration: client, issuer: metadata.issuer, transport: transport, clock: clock,
            random: random)
    }

    /// What the issuer says of a token now.
    ///
    /// An answer that leaves out `iss` is the issuer's own (§2.2). One that does not say how the
    /// token is presented may be about a refresh token, which opens no API.
    func claims(of token: String) async throws -> JWTClaims {
        let answer: JSONObject?
        do {
            answer = try await endpoints.post(
                [("token", token)], to: address, provesKey: false)
        } catch let refusal as OAuthRefusal {
            throw ClientError(refusal)
        }
        guard var claims = answer, let isActive = claims["active"]?.bool else {
            throw ClientError.unreachable("The introspection endpoint gave no answer.")
        }
        let type = claims["token_type"]?.string?.lowercased() ?? ""
        guard isActive, ["bearer", "dpop"].contains(type) else { throw TokenRefusal(.inactive) }
        if claims["iss"] == nil { claims.add("iss", .string(issuer)) }
        return try JWTClaims(parsing: claims.serialized())
    }
}

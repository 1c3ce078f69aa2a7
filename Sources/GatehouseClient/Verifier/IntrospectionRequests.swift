private import GatehouseEncoding
internal import GatehouseJOSE

/// How an API asks the issuer about a token (RFC 7662).
struct IntrospectionRequests: Sendable {
    /// Whether it asks for each token, and not only for those that it cannot read.
    let asksAlways: Bool
    private let endpoint: ProviderAddress
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
        endpoint = try metadata.address(of: .introspection)
        issuer = metadata.issuer
        endpoints = EndpointRequests(
            configuration: client, issuer: metadata.issuer, transport: transport, clock: clock,
            random: random)
    }

    /// What the issuer says now of a token that was presented from an address, if that is known.
    ///
    /// An answer that leaves out `iss` is the issuer's own (§2.2). One that does not say how the
    /// token is presented may be about a refresh token, which opens no API.
    func claims(of token: String, from address: String?) async throws -> JWTClaims {
        var form = [("token", token)]
        if let address { form.append(("client_address", address)) }
        let answer: JSONObject?
        do {
            answer = try await endpoints.post(form, to: endpoint, provesKey: false)
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

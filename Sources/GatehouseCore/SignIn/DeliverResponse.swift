private import GatehouseJOSE
import GatehouseProtocol

/// Puts an authorization response on its way as its target asks, signed where it asks for that
/// (JARM §2).
struct DeliverResponse: Sendable {
    let registry: Registry

    /// How long a signed response is good: JARM §2.1 advises ten minutes at most.
    private static let lifetime = Lifetime.minutes(5)

    /// What the browser is told to do.
    func deliver(
        _ response: AuthorizationResponse, to client: Client, of tenant: Tenant.ID,
        at now: Timestamp
    ) async throws -> AuthorizationResponse.Delivery {
        guard response.target.mode.isSigned else { return response.delivery }
        let algorithm = client.policies.idTokenAlgorithm
        let keys = try await registry.keys(of: tenant, signingWith: algorithm, at: now)
        let claims = response.claims(
            audience: client.id.text, expiresAt: (now + Self.lifetime).seconds)
        return response.delivery(signed: try keys.idTokenSigner(algorithm, at: now).sign(claims))
    }
}

import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

extension Gatehouse {
    /// The client that a request is from, once it proved that.
    ///
    /// - Throws: ``OAuthError``, or ``LimitExceeded`` if it failed too often.
    func client(
        of request: Request, _ form: FormParameters, _ context: TenantContext
    ) async throws -> Client {
        try await authenticateClient.authenticate(
            ClientAuthentication(
                authorization: request.headers[values: .authorization], form: form),
            showing: context.certificate.get(), of: context.tenant, through: context.issuer,
            on: context.occasion)
    }

    /// The nonce that a client's next DPoP proof may carry (RFC 9449 §8).
    func dpopNonce(_ context: TenantContext) -> String {
        checkDPoPProof.nonces.current(for: context.tenant.id, at: context.occasion.now)
    }
}

extension Request {
    /// What stands behind the last slash of the path.
    var lastSegment: String {
        String(
            decoding: uri.path.utf8.split(separator: UInt8(ascii: "/")).last ?? [],
            as: UTF8.self)
    }
}

import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

extension ProofPresentation {
    /// What a request shows of what its sender has, and the address it came to as clients know it.
    ///
    /// - Throws: ``OAuthError`` if a proxy passes on what is no certificate.
    init(_ request: Request, _ context: TenantContext) throws(OAuthError) {
        self.init(
            proofs: HTTPField.Name("DPoP").map { request.headers[values: $0] } ?? [],
            method: request.method.rawValue,
            target: context.target(path: request.uri.path),
            certificate: try context.certificate.get()?.thumbprint)
    }
}

extension Response {
    /// The same answer with a nonce for the client's next proof (RFC 9449 §8), if there is one.
    func offering(nonce: String?) -> Response {
        guard let nonce, let name = HTTPField.Name("DPoP-Nonce") else { return self }
        var response = self
        response.headers[name] = nonce
        return response
    }
}

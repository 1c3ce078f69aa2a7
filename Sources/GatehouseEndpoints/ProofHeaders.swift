import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

extension ProofPresentation {
    private static let header = HTTPField.Name.known("DPoP")

    /// What a request shows of what its sender has, and the address it came to as clients know it.
    ///
    /// - Throws: ``OAuthError`` if a proxy passes on what is no certificate.
    init(_ request: Request, _ context: TenantContext) throws(OAuthError) {
        let proofs = request.headers[values: Self.header]
        self.init(
            proofs: proofs, method: request.method.rawValue,
            // What no proof is compared with need not be put into its normal form.
            target: proofs.isEmpty ? nil : context.target(path: request.uri.path),
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

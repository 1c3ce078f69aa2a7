import GatehouseCore
import GatehouseEncoding

/// What a command changes of what a client's access tokens are bound to.
struct TokenBindingChange: Sendable {
    private let toKey: Bool?
    private let toCertificate: Bool?

    init(_ operation: Operation) throws(OperationError) {
        toKey = operation.arguments["dpop_bound_access_tokens"]?.bool
        toCertificate = operation.arguments["tls_client_certificate_bound_access_tokens"]?.bool
        guard !(toKey ?? false) || !(toCertificate ?? false) else {
            throw OperationError(
                .wrongUse, "Access tokens are bound to a DPoP key or to a certificate, not both.")
        }
    }

    /// Makes the change: the one that is asked for takes the place of the other.
    func apply(to client: inout Client) {
        if let toKey { client.policies.requiresDPoP = toKey }
        if let toCertificate { client.policies.requiresCertificate = toCertificate }
    }
}

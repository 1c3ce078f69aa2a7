package import GatehouseCore
package import GatehouseProtocol

/// Which certificate came with a request: that of its connection, or the one that a trusted proxy
/// passes on.
package enum ShownCertificate: Sendable {
    case absent
    case certificate(ClientCertificate)
    /// A proxy passes on something that is no certificate.
    case malformed

    /// The certificate, if there is one.
    ///
    /// - Throws: ``OAuthError`` if something else came in its place: whoever is sent away for showing
    ///   none would not find out why.
    package func get() throws(OAuthError) -> ClientCertificate? {
        switch self {
        case .absent: nil
        case .certificate(let certificate): certificate
        case .malformed:
            throw OAuthError(
                .invalidRequest, "The client certificate that the proxy passes on is malformed.")
        }
    }
}

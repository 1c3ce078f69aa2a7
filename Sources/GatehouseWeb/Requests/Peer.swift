import GatehouseCore
package import GatehouseProtocol
import NIOCore

/// The other end of a connection.
package struct Peer: Sendable {
    /// Its address; `nil` on a local socket.
    package let address: IPAddress?

    /// The certificate that it showed.
    let certificate: ClientCertificate?

    /// Reads the address once for all requests of the connection.
    init(_ address: SocketAddress?, certificate: ClientCertificate? = nil) {
        self.address = address?.ipAddress.flatMap { IPAddress($0) }
        self.certificate = certificate
    }
}

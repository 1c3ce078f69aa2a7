package import GatehouseProtocol

/// Where and how the server listens.
package struct HTTPServerSettings: Sendable {
    /// What the server listens on.
    package enum Address: Sendable, Hashable, CustomStringConvertible {
        /// A TCP port of a host name or address; port 0 lets the system choose.
        case port(host: String, port: Int)
        /// A local socket at this path, for a proxy on the same machine.
        case unixSocket(path: String)

        /// Parses `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080` or `unix:/run/gatehouse.sock`.
        package init?(_ text: String) {
            let prefix = "unix:"
            if text.utf8.starts(with: prefix.utf8) {
                let path = String(text.dropFirst(prefix.count))
                // The longest path that a sockaddr_un can hold on Linux.
                guard path.utf8.first == UInt8(ascii: "/"), path.utf8.count <= 107 else {
                    return nil
                }
                self = .unixSocket(path: path)
                return
            }
            let colon = UInt8(ascii: ":")
            guard HostHeader.isValid(text), let end = text.utf8.lastIndex(of: colon),
                let port = WireNumber(String(text[text.index(after: end)...]), upTo: 65535)
            else { return nil }
            let host = text.utf8[..<end].filter { !"[]".utf8.contains($0) }
            self = .port(host: String(decoding: host, as: UTF8.self), port: port.value)
        }

        /// The address as it is written in settings and messages.
        package var description: String {
            switch self {
            case .port(let host, let port):
                host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
            case .unixSocket(let path): "unix:\(path)"
            }
        }
    }

    /// Files of a certificate chain, the server's first, and of its private key; both PEM.
    package struct TLSFiles: Sendable, Hashable {
        package let certificate: String
        package let privateKey: String

        /// Names the two files.
        package init(certificate: String, privateKey: String) {
            self.certificate = certificate
            self.privateKey = privateKey
        }
    }

    /// What one client may take of the server.
    package struct Limits: Sendable {
        /// Bytes of all headers together; more is answered 431.
        package var headerBytes = 16 * 1024
        /// Number of headers; more is answered 431.
        package var headerCount = 100
        /// Bytes of the request target; more is answered 414.
        package var targetBytes = 8 * 1024
        /// Bytes of any body, whoever reads it; more is answered 413.
        package var bodyBytes = BodyLimit.document
        /// Time to send a head, and to send a whole request from its head to its end.
        package var readTimeout = Duration.seconds(30)
        /// Time between requests, and for reading an answer that does not fit the buffers.
        package var idleTimeout = Duration.seconds(60)
        /// For how long more may arrive than can be answered before some of it is refused.
        package var overload = Duration.seconds(1)
        /// Connections at once; more wait in the backlog.
        package var connections = 4096
        /// Connections that the system queues before they are accepted.
        package var backlog = 512

        /// The limits meant for production.
        package init() {}
    }

    /// What the server listens on.
    package var address: Address
    /// The certificate and key, or `nil` when a proxy ends TLS.
    package var tls: TLSFiles?
    /// True if clients are asked for a certificate; without TLS there is no way to ask.
    package var asksForCertificates = false
    /// The proxies whose word about a request is taken.
    package var trustedProxies: TrustedProxies
    /// The header in which these pass on the certificates of clients; nil if none is read.
    package var certificateHeader: ClientCertificateHeader?
    /// What one client may take.
    package var limits = Limits()

    /// Makes settings with the limits meant for production.
    package init(address: Address, tls: TLSFiles?, trustedProxies: TrustedProxies) {
        self.address = address
        self.tls = tls
        self.trustedProxies = trustedProxies
    }
}

import GatehouseCore
package import GatehouseProtocol
package import Hummingbird
package import Logging

/// What is known about every request before anything of it is believed.
///
/// Made from the connection alone; ``ResolveClient`` then adds what a trusted proxy says.
/// Contexts of the surfaces (tenant, administrator) are made from this one.
package struct EdgeContext: RequestContext {
    /// What a context is made from: the connection and its log.
    package struct Source: RequestContextSource {
        let peer: Peer
        package let logger: Logger
    }

    /// Hummingbird's part: logger, route and path parameters.
    package var coreContext: CoreRequestContextStorage

    /// The address at the other end of the connection; `nil` on a local socket.
    package let peerAddress: IPAddress?

    /// The id of this request, also the incident id of an unexpected error: 32 hexadecimal
    /// digits made here, or what a trusted proxy sent as `X-Request-Id`.
    package internal(set) var requestID: String

    /// Where the request came from: the peer, or what trusted proxies say about it.
    package internal(set) var clientAddress: IPAddress?

    /// Whether the client's connection is encrypted, here or at a trusted proxy.
    package internal(set) var isSecure: Bool

    /// Where the request goes, as far as its `Host` tells.
    package internal(set) var destination: TenantHosts.Destination

    /// The certificate that the client showed, here or to a trusted proxy.
    package internal(set) var certificate: ShownCertificate

    /// The tenant that the path names, or the host; see ``ResolveTenant``.
    var tenancy: Tenancy?

    /// Whether the request only asks if a route exists; see ``MethodCheck``.
    var isRouteProbe = false

    /// What ``Hummingbird`` may collect of a body when asked to decode it, in bytes.
    package var maxUploadSize: Int { BodyLimit.form }

    /// The log of the request: its id is put there when there is something to say.
    package var logger: Logger {
        Self.label(connectionLogger, requestID: requestID)
    }

    /// The log without the request's id.
    let connectionLogger: Logger

    /// Adds the id of a request to a log.
    static func label(_ logger: Logger, requestID: String) -> Logger {
        var logger = logger
        logger[metadataKey: requestIDKey] = .string(requestID)
        return logger
    }

    /// Makes the context of a request that has just arrived.
    package init(source: Source) {
        coreContext = .init(source: source)
        connectionLogger = source.logger
        peerAddress = source.peer.address
        clientAddress = peerAddress
        isSecure = false
        destination = .installation
        certificate = source.peer.certificate.map { .certificate($0) } ?? .absent
        requestID = Self.requestID(of: Random.bytes(16))
    }

    /// Writes bytes as lower-case hexadecimal digits.
    static func requestID(of bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The metadata key of the request id; the log outputs print it as `request_id`.
    static let requestIDKey = "hb.request.id"
}

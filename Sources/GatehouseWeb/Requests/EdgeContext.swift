import GatehouseCore
package import GatehouseProtocol
package import Hummingbird
import Logging

/// What is known about every request before anything of it is believed.
///
/// Made from the connection alone; ``ResolveClient`` then adds what a trusted proxy says.
/// Contexts of the surfaces (tenant, administrator) are made from this one.
package struct EdgeContext: RequestContext {
    /// Hummingbird's part: logger, route and path parameters.
    package var coreContext: CoreRequestContextStorage

    /// The address at the other end of the connection; `nil` on a local socket.
    package let peerAddress: IPAddress?

    /// The id of this request, also the incident id of an unexpected error: 32 hexadecimal
    /// digits made here, or what a trusted proxy sent as `X-Request-Id`.
    package internal(set) var requestID: String {
        didSet { labelLogger() }
    }

    /// Where the request came from: the peer, or what trusted proxies say about it.
    package internal(set) var clientAddress: IPAddress?

    /// Whether the client's connection is encrypted, here or at a trusted proxy.
    package internal(set) var isSecure: Bool

    /// The tenant that the path names; see ``ResolveTenant``.
    var tenancy: Tenancy?

    /// Whether the request only asks if a route exists; see ``MethodCheck``.
    var isRouteProbe = false

    /// What ``Hummingbird`` may collect of a body when asked to decode it, in bytes.
    package var maxUploadSize: Int { BodyLimit.form }

    /// Makes the context of a request that has just arrived.
    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peerAddress = source.channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
        clientAddress = peerAddress
        isSecure = false
        requestID = Self.requestID(of: Random.bytes(16))
        labelLogger()
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

    /// Hummingbird reads the id of a request under this key, so it stays the only one.
    private mutating func labelLogger() {
        logger[metadataKey: Self.requestIDKey] = .string(requestID)
    }

    /// The metadata key of the request id; the log outputs print it as `request_id`.
    static let requestIDKey = "hb.request.id"
}

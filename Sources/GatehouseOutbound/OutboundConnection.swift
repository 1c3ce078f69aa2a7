import GatehouseCore
package import NIOCore
private import NIOHTTP1
private import NIOPosix
import NIOSSL

/// Opens connections to addresses that were judged.
package struct Connector: Sendable {
    /// What sets a connection up before it is used.
    package typealias Initializer = @Sendable (any Channel) -> EventLoopFuture<Void>

    package let connect:
        @Sendable (SocketAddress, any EventLoop, TimeAmount, @escaping Initializer)
            -> EventLoopFuture<any Channel>

    package init(
        _ connect:
            @escaping @Sendable (
                SocketAddress, any EventLoop, TimeAmount, @escaping Initializer
            ) -> EventLoopFuture<any Channel>
    ) {
        self.connect = connect
    }

    /// Over TCP.
    package static let system = Connector { address, loop, limit, initializer in
        ClientBootstrap(group: loop).connectTimeout(limit).channelInitializer(initializer)
            .connect(to: address)
    }
}

/// One connection for one request: TLS, HTTP and the limits.
struct OutboundConnection: Sendable {
    /// What the head and the frames of an answer may take, besides its body.
    private static let overhead = 64 * 1024

    let request: OutboundRequest
    let tls: NIOSSLContext
    let outcome: EventLoopPromise<OutboundAnswer>

    /// Tries the addresses one after another until one can be connected to.
    func open(
        _ destination: Destination, by connector: Connector, within limit: TimeAmount
    ) async throws(OutboundFailure) {
        for address in destination.addresses {
            do {
                _ = try await connector.connect(
                    address, outcome.futureResult.eventLoop, limit
                ) { channel in
                    channel.eventLoop.makeCompletedFuture { try setUp(channel, to: address) }
                }.get()
                return
            } catch {
                continue
            }
        }
        throw .unreachable
    }

    private func setUp(_ channel: any Channel, to address: SocketAddress) throws {
        // However the exchange ends, the connection ends with it.
        outcome.futureResult.whenComplete { _ in channel.close(promise: nil) }
        let host = request.address.host
        let isLiteral = address.ipAddress.map { host == $0 || host == "[\($0)]" } ?? false
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(
            NIOSSLClientHandler(context: tls, serverHostname: isLiteral ? nil : host))
        try pipeline.addHandler(
            ByteLimit(request.mostBytes + Self.overhead, outcome: outcome))
        try pipeline.addHTTPClientHandlers(leftOverBytesStrategy: .dropBytes)
        try pipeline.addHandler(AnswerReader(request, to: address, outcome: outcome))
    }

    /// What an error of a connection means.
    static func failure(_ error: any Error) -> OutboundFailure {
        switch error {
        case let failure as OutboundFailure: failure
        case NIOSSLError.uncleanShutdown: .malformed
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError: .insecure
        default: .malformed
        }
    }
}

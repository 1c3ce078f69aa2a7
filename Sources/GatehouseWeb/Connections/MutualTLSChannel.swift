import GatehouseCore
import HummingbirdCore
import Logging
import NIOCore
import NIOSSL
import Synchronization

/// A connection over TLS at which the client is asked for a certificate, and may have none.
///
/// The handshake proves that the client has the key of the certificate that it shows, and nothing
/// else: whose certificates are good is known only once a request says which client it is from. One
/// that a client made itself is as good as any here.
struct MutualTLSChannel: ServerChildChannel {
    typealias Value = RequestChannel.Value

    private let channel: RequestChannel
    private let context: NIOSSLContext

    /// Takes what is inside, and a configuration that asks for certificates.
    init(_ channel: RequestChannel, _ configuration: TLSConfiguration) throws {
        self.channel = channel
        context = try NIOSSLContext(configuration: configuration)
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let handler = NIOSSLServerHandler(
                context: context,
                customVerificationCallbackWithMetadata: { certificates, promise in
                    // No trust is meant by it: this is how what was shown is kept.
                    let shown = VerificationMetadata(
                        certificates.isEmpty ? nil : ValidatedCertificateChain(certificates))
                    promise.succeed(.certificateVerified(shown))
                })
            try channel.pipeline.syncOperations.addHandler(handler)
        }.flatMap {
            self.channel.setup(channel: channel, logger: logger)
        }
    }

    func handle(value: Value, logger: Logger) async {
        await channel.handle(value: value, logger: logger)
    }
}

/// The certificates that were sent with those of clients, for connections that go on where another
/// one ended (RFC 8446 §2.2): there the client shows nothing anew.
final class CertificateChains: Sendable {
    /// How many clients' are kept.
    private static let limit = 1_024

    private let chains = Mutex<(newer: [[UInt8]: [[UInt8]]], older: [[UInt8]: [[UInt8]]])>(
        ([:], [:]))

    /// The certificate of a connection, with what was sent with it now or before; nil if the client
    /// showed none.
    func certificate(of pipeline: ChannelPipeline.SynchronousOperations) -> ClientCertificate? {
        // Losing the error is right: without TLS, nothing is shown.
        guard let shown = try? pipeline.nioSSL_peerCertificate() else { return nil }
        // What was read can be written; if it cannot, it is no certificate.
        guard let der = try? shown.toDERBytes() else { return nil }
        // Without a chain the connection goes on where another one ended.
        let chain = try? pipeline.nioSSL_peerValidatedCertificateChain()?.dropFirst()
            .map { try $0.toDERBytes() }
        return ClientCertificate(der: der, chain: chain.map { keep($0, of: der) } ?? kept(of: der))
    }

    private func keep(_ chain: [[UInt8]], of der: [UInt8]) -> [[UInt8]] {
        guard !chain.isEmpty else { return chain }
        chains.withLock { chains in
            chains.newer[der] = chain
            guard chains.newer.count >= Self.limit / 2 else { return }
            chains = (newer: [:], older: chains.newer)
        }
        return chain
    }

    private func kept(of der: [UInt8]) -> [[UInt8]] {
        chains.withLock { $0.newer[der] ?? $0.older[der] } ?? []
    }
}

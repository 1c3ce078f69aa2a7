import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// A connection of HTTP/1.1: NIO's decoder and encoder, ``ConnectionDeadlines``, ``WireGuard``
/// and, at the end, the ``RequestHandler`` that has its requests answered.
///
/// It takes the place of Hummingbird's connection, which brings each part of a request and of an
/// answer through asynchronous streams of their own; of what most requests cost that was half.
struct RequestChannel: ServerChildChannel {
    /// An open connection.
    struct Value: ServerChildChannelValue {
        let channel: any Channel
        /// Succeeds when the connection is closed and nothing of it is being answered any more.
        let isOver: EventLoopFuture<Void>
        fileprivate let handler: NIOLoopBound<RequestHandler>
    }

    let responder: EdgeResponder
    let limits: HTTPServerSettings.Limits
    private let paces: Paces
    private let chains: CertificateChains?

    init(
        responder: EdgeResponder, limits: HTTPServerSettings.Limits, asksForCertificates: Bool
    ) {
        chains = asksForCertificates ? CertificateChains() : nil
        self.responder = responder
        self.limits = limits
        paces = Paces(patience: limits.overload)
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.configureHTTPServerPipeline(
                withPipeliningAssistance: false, withErrorHandling: false,
                // What the values are made of is checked where they become header fields.
                withOutboundHeaderValidation: false, withEncoderConfiguration: .init(),
                withDecoderLimitConfiguration: decoderLimits)
            let isOver = channel.eventLoop.makePromise(of: Void.self)
            let handler = RequestHandler(
                responder: responder, pace: paces.pace(of: channel.eventLoop),
                chains: chains, eventLoop: channel.eventLoop, logger: logger, isOver: isOver)
            do {
                try pipeline.addHandlers([
                    ConnectionDeadlines(limits: limits), WireGuard(limits: limits, logger: logger),
                    handler,
                ])
            } catch {
                isOver.fail(error)
                throw error
            }
            return Value(
                channel: channel, isOver: isOver.futureResult,
                handler: NIOLoopBound(handler, eventLoop: channel.eventLoop))
        }
    }

    /// A little wider than ours: the decoder counts the target as a header, and
    /// ``RequestHeadCheck`` tells the two apart.
    private var decoderLimits: NIOHTTPDecoderLimitConfiguration {
        var decoder = NIOHTTPDecoderLimitConfiguration()
        decoder.maxHeaderFieldSize = max(limits.headerBytes, limits.targetBytes + 1)
        decoder.maxHeaderListSize = limits.headerBytes + limits.targetBytes
        decoder.maxHeaderFieldCount = limits.headerCount + 1
        return decoder
    }

    /// Waits for the end of the connection; a server that stops at once cuts it off.
    func handle(value: Value, logger: Logger) async {
        await withTaskCancellationHandler {
            // Losing the error is right: a connection that failed is as over as any other.
            try? await value.isOver.get()
        } onCancel: {
            value.channel.eventLoop.execute { value.handler.value.cancel() }
        }
    }
}

import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// Hummingbird's HTTP/1.1 connection with ``ConnectionDeadlines`` and ``WireGuard`` in it.
struct GuardedChannel: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    let base: HTTP1Channel
    let limits: HTTPServerSettings.Limits

    /// Builds the connections of a server: behind the decoder, ahead of everything else.
    static func builder(_ limits: HTTPServerSettings.Limits) -> HTTPServerBuilder {
        // The decoder's own limits are a little wider: it counts the target as a header, and
        // ``RequestHeadCheck`` tells the two apart.
        let decoder = HTTP1Channel.Configuration.DecoderConfiguration(
            maxHeaderFieldSize: max(limits.headerBytes, limits.targetBytes + 1),
            maxHeaderListSize: limits.headerBytes + limits.targetBytes,
            maxHeaderFieldCount: limits.headerCount + 1)
        return HTTPServerBuilder { responder in
            let base = HTTP1Channel(
                responder: responder, configuration: .init(httpDecoderConfiguration: decoder))
            return GuardedChannel(base: base, limits: limits)
        }
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        base.setup(channel: channel, logger: logger).flatMapThrowing { value in
            let pipeline = channel.pipeline.syncOperations
            let decoder = try pipeline.handler(
                type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandlers(
                [ConnectionDeadlines(limits: limits), WireGuard(limits: limits, logger: logger)],
                position: .after(decoder))
            return value
        }
    }

    func handle(value: Value, logger: Logger) async {
        await withTaskExecutorPreference(EventLoopExecutor(value.channel.eventLoop)) {
            await base.handle(value: value, logger: logger)
        }
    }
}

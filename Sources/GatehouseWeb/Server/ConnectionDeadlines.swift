import NIOCore
import NIOHTTP1

/// Closes connections that keep Gatehouse waiting.
///
/// Each wait has one deadline that trickling bytes do not move, so neither slow headers nor a
/// slow body nor an answer that is never read can hold a connection.
final class ConnectionDeadlines: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let limits: HTTPServerSettings.Limits
    private var reading: Scheduled<Void>?
    private var writing: Scheduled<Void>?
    private var unanswered = 0

    init(limits: HTTPServerSettings.Limits) {
        self.limits = limits
    }

    func handlerAdded(context: ChannelHandlerContext) {
        expectInput(within: limits.readTimeout, context: context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        reading?.cancel()
        writing?.cancel()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            unanswered += 1
            expectInput(within: limits.readTimeout, context: context)
        case .body:
            break
        case .end:
            reading?.cancel()
        }
        context.fireChannelRead(data)
    }

    func write(
        context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?
    ) {
        if case .end = unwrapOutboundIn(data) {
            unanswered = max(0, unanswered - 1)
            if unanswered == 0 { expectInput(within: limits.idleTimeout, context: context) }
        }
        context.write(data, promise: promise)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        writing?.cancel()
        if !context.channel.isWritable {
            writing = close(context.channel, after: limits.idleTimeout)
        }
        context.fireChannelWritabilityChanged()
    }

    private func expectInput(within time: Duration, context: ChannelHandlerContext) {
        reading?.cancel()
        reading = close(context.channel, after: time)
    }

    private func close(_ channel: any Channel, after time: Duration) -> Scheduled<Void> {
        channel.eventLoop.scheduleTask(in: TimeAmount(time)) { channel.close(promise: nil) }
    }
}

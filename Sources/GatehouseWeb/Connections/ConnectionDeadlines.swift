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
    /// When what is expected must have come; `nil` while nothing is.
    private var deadline: NIODeadline?
    /// Looks whether the deadline has passed.
    ///
    /// It is not moved with each request, which would cost more than many a request: it goes off
    /// early, and then waits for what is left.
    private var look: Scheduled<Void>?
    private var writing: Scheduled<Void>?
    private var unanswered = 0

    init(limits: HTTPServerSettings.Limits) {
        self.limits = limits
    }

    func handlerAdded(context: ChannelHandlerContext) {
        expectInput(within: limits.readTimeout)
        keepLooking(context.channel)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        look?.cancel()
        writing?.cancel()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            unanswered += 1
            expectInput(within: limits.readTimeout)
        case .body:
            break
        case .end:
            deadline = nil
        }
        context.fireChannelRead(data)
    }

    func write(
        context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?
    ) {
        if case .end = unwrapOutboundIn(data) {
            unanswered = max(0, unanswered - 1)
            if unanswered == 0 { expectInput(within: limits.idleTimeout) }
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

    private func expectInput(within time: Duration) {
        deadline = .now() + TimeAmount(time)
    }

    /// Never sleeps past a deadline: none that is set later ends sooner than the shortest wait.
    private func keepLooking(_ channel: any Channel) {
        let shortest = NIODeadline.now() + TimeAmount(min(limits.readTimeout, limits.idleTimeout))
        let next = min(deadline ?? shortest, shortest)
        look = channel.eventLoop.assumeIsolated().scheduleTask(deadline: next) { [self] in
            if let deadline, deadline <= .now() {
                channel.close(promise: nil)
            } else {
                keepLooking(channel)
            }
        }
    }

    private func close(_ channel: any Channel, after time: Duration) -> Scheduled<Void> {
        channel.eventLoop.scheduleTask(in: TimeAmount(time)) { channel.close(promise: nil) }
    }
}

import Logging
import NIOCore
import NIOHTTP1

/// Sits right behind NIO's HTTP decoder and refuses what it lets through.
///
/// It also decides when a connection ends: after a refused or broken request, after a request
/// that says so, and when an answer overtakes the body it answers. Whatever comes after that
/// is never parsed, so one malformed request cannot become two.
final class WireGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// How long the peer may take to read the last answer before the socket goes.
    private static let linger = TimeAmount.seconds(2)

    private let check: RequestHeadCheck
    private let logger: Logger
    /// Requests that were passed on and whose answer is not complete.
    private var unanswered = 0
    /// Whether the end of the newest request has not come yet.
    private var isReading = false
    /// Body bytes of the newest request.
    private var bodyBytes = 0
    /// Whether no request may follow the newest one.
    private var isLast = false
    /// Whether everything that still arrives is dropped.
    private var isDeaf = false
    /// Whether the last answer is written.
    private var isFinished = false
    private var pendingRefusal: Refusal?

    init(limits: HTTPServerSettings.Limits, logger: Logger) {
        check = RequestHeadCheck(limits: limits)
        self.logger = logger
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDeaf else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            read(head, context: context)
        case .body(let buffer):
            bodyBytes += buffer.readableBytes
            guard bodyBytes <= check.limits.bodyBytes else {
                breakOff(.invalidContentLength, context: context)
                return
            }
            context.fireChannelRead(data)
        case .end:
            isReading = false
            // Trailers are dropped: nothing here expects any (RFC 9110 §6.5.1).
            context.fireChannelRead(wrapInboundOut(.end(nil)))
        }
    }

    private func read(_ received: HTTPRequestHead, context: ChannelHandlerContext) {
        guard !isLast else {
            isDeaf = true
            return
        }
        var head = received
        do throws(Refusal) {
            try check.check(&head)
        } catch {
            refuse(error, context: context)
            return
        }
        isLast = !head.isKeepAlive || head.headers.contains(name: "upgrade")
        if head.headers.contains(name: "expect"), unanswered == 0 {
            let interim = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(interim)), promise: nil)
        }
        unanswered += 1
        isReading = true
        bodyBytes = 0
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else {
            context.fireErrorCaught(error)
            return
        }
        guard !isDeaf else { return }
        if isReading {
            breakOff(error, context: context)
        } else {
            refuse(Refusal(error), context: context)
        }
    }

    /// Ends a request that breaks in its body; whoever reads the body gets the error.
    private func breakOff(_ error: HTTPParserError, context: ChannelHandlerContext) {
        (isDeaf, isLast) = (true, true)
        context.fireErrorCaught(error)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent { isLast = true }
        if isFinished, case ChannelEvent.inputClosed = event { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: Answers

    func write(
        context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?
    ) {
        guard !isFinished, unanswered > 0 else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(var head):
            // The rest of a body that nobody waited for is not worth reading.
            if unanswered == 1, isReading { isLast = true }
            if unanswered == 1, isLast {
                head.headers.replaceOrAdd(name: "connection", value: "close")
            }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body:
            context.write(data, promise: promise)
        case .end:
            unanswered -= 1
            context.write(data, promise: promise)
            guard unanswered == 0 else { return }
            if let refusal = pendingRefusal {
                refuse(refusal, context: context)
            } else if isLast {
                finish(context: context)
            }
        }
    }

    /// Answers in place of the application, once the requests before are answered.
    private func refuse(_ refusal: Refusal, context: ChannelHandlerContext) {
        isDeaf = true
        guard unanswered == 0 else {
            pendingRefusal = refusal
            return
        }
        logger.info(
            "request refused",
            metadata: [
                "reason": .string(refusal.reason), "status": "\(refusal.status.code)",
                "peer": .string(context.remoteAddress?.ipAddress ?? "local"),
            ])
        context.write(wrapOutboundOut(.head(refusal.head)), promise: nil)
        context.write(wrapOutboundOut(.end(nil)), promise: nil)
        finish(context: context)
    }

    /// Sends what is written, says that no more comes, and gives the peer a moment to read it.
    ///
    /// Closing at once with unread input would reset the connection and could take the answer
    /// with it (RFC 9112 §9.6).
    private func finish(context: ChannelHandlerContext) {
        (isDeaf, isFinished) = (true, true)
        context.flush()
        let channel = context.channel
        let output = context.eventLoop.makePromise(of: Void.self)
        output.futureResult.whenFailure { _ in channel.close(promise: nil) }
        context.close(mode: .output, promise: output)
        context.eventLoop.scheduleTask(in: Self.linger) { channel.close(promise: nil) }
    }
}

import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1

/// Has the requests of a connection answered, one after the other.
///
/// A request that has come whole is answered at once, on the thread of its connection. Of a
/// longer one the body is read as it comes, and only as fast as somebody takes it. While one
/// request is being answered, no more is read than has already arrived.
final class RequestHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        /// The next request has not begun.
        case idle
        /// Of the next request this much has come.
        case receiving(HTTPRequestHead, ByteBuffer)
        /// The request is being answered while its body still comes.
        case streaming(IncomingBody)
        /// The request is being answered and has come whole.
        case answering
    }

    let eventLoop: any EventLoop
    private let responder: EdgeResponder
    private let executor: EventLoopExecutor
    private let logger: Logger
    private let isOver: EventLoopPromise<Void>
    private let pace: Pace
    /// Where the certificates of clients are found; nil where none are asked for.
    private let chains: CertificateChains?
    private var context: ChannelHandlerContext?
    private var peer: Peer?
    private var state = State.idle
    /// What has arrived and waits for its turn.
    private var parts = CircularBuffer<HTTPServerRequestPart>()
    private var isTaking = false
    /// Whether the connection would read more and is kept from it.
    private var isReadHeld = false
    /// Whether the connection ends with the answer under way.
    private var isEnding = false
    private var writable: EventLoopPromise<Void>?
    /// The answer under way.
    private var running: Task<Void, Never>?
    /// Whether that is of no use once the client is gone: it has no end of its own.
    private var isStreamed = false
    private var date = DateHeader()

    init(
        responder: EdgeResponder, pace: Pace, chains: CertificateChains?,
        eventLoop: any EventLoop, logger: Logger, isOver: EventLoopPromise<Void>
    ) {
        self.chains = chains
        self.pace = pace
        self.responder = responder
        self.eventLoop = eventLoop
        self.executor = EventLoopExecutor(eventLoop)
        self.logger = logger
        self.isOver = isOver
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        close(ChannelError.ioOnClosedChannel)
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        parts.append(unwrapInboundIn(data))
        takeParts()
    }

    /// Takes what has arrived, until a request has to be answered first.
    ///
    /// A loop, not a chain of calls: as many requests as a client may send in one piece would
    /// otherwise stand on the stack together.
    private func takeParts() {
        guard !isTaking else { return }
        isTaking = true
        defer { isTaking = false }
        while !isAnswering, let part = parts.popFirst() { take(part) }
    }

    private var isIdle: Bool {
        if case .idle = state { true } else { false }
    }

    private var isAnswering: Bool {
        if case .answering = state { true } else { false }
    }

    private func take(_ part: HTTPServerRequestPart) {
        switch (state, part) {
        case (.idle, .head(let head)):
            state = .receiving(head, ByteBuffer())
        case (.receiving(let head, var body), .body(var more)):
            state = .idle
            if body.readableBytes == 0 { swap(&body, &more) } else { body.writeBuffer(&more) }
            state = .receiving(head, body)
        case (.receiving(let head, let body), .end):
            state = .answering
            answer(head, RequestBody(buffer: body))
        case (.streaming(let body), .body(let more)):
            body.append(more)
        case (.streaming(let body), .end):
            body.end()
            state = .answering
        default:
            break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        streamBody()
    }

    /// Has a request answered whose body has not come whole.
    private func streamBody() {
        guard case .receiving(let head, let start) = state else { return }
        let body = IncomingBody(eventLoop: eventLoop) { [weak self] in self?.releaseRead() }
        if start.readableBytes > 0 { body.append(start) }
        state = .streaming(body)
        answer(head, RequestBody(asyncSequence: BodyStream(body, on: eventLoop)))
    }

    private func answer(_ received: HTTPRequestHead, _ body: RequestBody) {
        guard !Overload.refuses(received, at: pace.lag()) else {
            refuse(Overload.refusal, Overload.body)
            return
        }
        guard let head = HTTPRequest(checked: received) else {
            isEnding = true
            refuse(Refusal.badRequest("method").head, ByteBuffer())
            return
        }
        let writer = AnswerWriter(self)
        let request = Request(head: head, body: body)
        let edge = EdgeContext(source: EdgeContext.Source(peer: currentPeer, logger: logger))
        let task = Task.immediate(executorPreference: executor) { [responder] in
            await writer.send(await responder.answer(request, edge))
        }
        // It may be over already: what never waits is.
        if !isIdle { running = task }
    }

    private var currentPeer: Peer {
        if let peer { return peer }
        let certificate = context.flatMap {
            chains?.certificate(of: $0.pipeline.syncOperations)
        }
        let found = Peer(context?.remoteAddress, certificate: certificate)
        peer = found
        return found
    }

    // MARK: Reading no faster than answering

    func read(context: ChannelHandlerContext) {
        let isWanted =
            switch state {
            case .idle, .receiving: true
            case .streaming(let body): body.isEmpty
            case .answering: false
            }
        isReadHeld = !isWanted
        if isWanted { context.read() }
    }

    private func releaseRead() {
        guard isReadHeld else { return }
        isReadHeld = false
        context?.read()
    }

    // MARK: Answers

    /// Writes the status and headers of an answer.
    func write(_ response: HTTPResponse) {
        let head = HTTPResponseHead(response, date: date.value())
        context?.write(wrapOutboundOut(.head(head)), promise: nil)
    }

    /// Answers in place of the responder.
    private func refuse(_ refusal: HTTPResponseHead, _ body: ByteBuffer) {
        var head = refusal
        head.headers.add(name: "date", value: date.value())
        context?.write(wrapOutboundOut(.head(head)), promise: nil)
        write(body)
        endAnswer()
    }

    /// Has the answer given up as soon as the client is gone.
    func beginStream() { isStreamed = true }

    /// Writes a piece of the answer's body; it is sent with what follows at once, or soon.
    func write(_ buffer: ByteBuffer) {
        context?.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
    }

    /// Whether the connection takes more without storing it up.
    var isWritable: Bool { context?.channel.isWritable ?? false }

    /// Sends what is written; succeeds when more fits, fails when the connection is closed.
    func flush() -> EventLoopFuture<Void> {
        guard let context, context.channel.isActive else {
            return eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
        }
        context.flush()
        guard !context.channel.isWritable else { return eventLoop.makeSucceededVoidFuture() }
        let promise = writable ?? eventLoop.makePromise()
        writable = promise
        return promise.futureResult
    }

    /// Ends the answer and goes on with the next request.
    func endAnswer() {
        if case .streaming(let body) = state { body.fail(ChannelError.inputClosed) }
        (state, running, isStreamed) = (.idle, nil, false)
        guard let context else {
            isOver.succeed()
            return
        }
        guard !isEnding || !parts.isEmpty else {
            let sent = eventLoop.makePromise(of: Void.self)
            sent.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: sent)
            return
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        takeParts()
        if !isAnswering { releaseRead() }
    }

    /// Closes the connection in the middle of an answer that cannot be completed.
    func breakOff() {
        (state, running, isStreamed) = (.idle, nil, false)
        if let context { context.close(promise: nil) } else { isOver.succeed() }
    }

    /// Gives the answer up that is under way, because the server stops at once.
    func cancel() {
        running?.cancel()
        context?.close(promise: nil)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        guard context.channel.isWritable else { return }
        writable?.succeed()
        writable = nil
    }

    // MARK: The end of the connection

    /// What breaks in a body is for whoever reads the body; all else ends the connection.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError else {
            context.close(promise: nil)
            return
        }
        streamBody()
        if case .streaming(let body) = state { body.fail(error) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        let hasEnded =
            if case ChannelEvent.inputClosed = event { true } else {
                event is ChannelShouldQuiesceEvent
            }
        if hasEnded {
            isEnding = true
            if isIdle, parts.isEmpty { context.close(promise: nil) }
            if case ChannelEvent.inputClosed = event { cancelStream() }
        }
        context.fireUserInboundEventTriggered(event)
    }

    private func cancelStream() {
        if isStreamed { running?.cancel() }
    }

    private func close(_ error: ChannelError) {
        cancelStream()
        writable?.fail(error)
        writable = nil
        parts.removeAll()
        switch state {
        case .idle, .receiving: isOver.succeed()
        case .streaming(let body): body.fail(error)
        case .answering: break
        }
    }
}

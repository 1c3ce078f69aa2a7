import NIOCore

/// The rest of a body that did not come together with its head.
///
/// It belongs to the event loop of its connection; ``BodyStream`` is its outside.
final class IncomingBody {
    private let eventLoop: any EventLoop
    private let onDemand: () -> Void
    private var pieces = CircularBuffer<ByteBuffer>()
    private var outcome: Result<Void, any Error>?
    private var reader: EventLoopPromise<ByteBuffer?>?

    /// Takes what is to be done when the reader waits for more.
    init(eventLoop: any EventLoop, onDemand: @escaping () -> Void) {
        self.eventLoop = eventLoop
        self.onDemand = onDemand
    }

    /// Whether everything that came was taken.
    var isEmpty: Bool { pieces.isEmpty }

    /// Adds a piece that has arrived.
    func append(_ piece: ByteBuffer) {
        guard outcome == nil else { return }
        if let reader = takeReader() { reader.succeed(piece) } else { pieces.append(piece) }
    }

    /// The body is complete.
    func end() {
        finish(.success(()))
    }

    /// The body will never be complete.
    func fail(_ error: any Error) {
        finish(.failure(error))
    }

    /// The next piece, `nil` after the last.
    func next() -> EventLoopFuture<ByteBuffer?> {
        if let piece = pieces.popFirst() {
            if pieces.isEmpty { onDemand() }
            return eventLoop.makeSucceededFuture(piece)
        }
        if let outcome { return eventLoop.makeCompletedFuture(outcome.map { nil }) }
        let promise = eventLoop.makePromise(of: ByteBuffer?.self)
        reader = promise
        onDemand()
        return promise.futureResult
    }

    private func finish(_ outcome: Result<Void, any Error>) {
        guard self.outcome == nil else { return }
        self.outcome = outcome
        takeReader()?.completeWith(outcome.map { nil })
    }

    private func takeReader() -> EventLoopPromise<ByteBuffer?>? {
        defer { reader = nil }
        return reader
    }
}

/// The pieces of a body as its reader gets them.
struct BodyStream: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let body: NIOLoopBound<IncomingBody>

        func next() async throws -> ByteBuffer? {
            let body = body
            return try await body.eventLoop.flatSubmit { body.value.next() }.get()
        }
    }

    private let body: NIOLoopBound<IncomingBody>

    /// Must be made on the event loop that the body belongs to.
    init(_ body: IncomingBody, on eventLoop: any EventLoop) {
        self.body = NIOLoopBound(body, eventLoop: eventLoop)
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(body: body)
    }
}

import HTTPTypes
import Hummingbird
import NIOCore

/// Brings an answer back to the connection it is for.
///
/// What was answered without waiting is still on the thread of the connection and is written
/// there and then.
struct AnswerWriter: ResponseBodyWriter {
    private let handler: NIOLoopBound<RequestHandler>
    /// Whether each piece of the body is sent at once: nobody knows when the next one comes.
    private var isStream = false

    /// Must be made on the event loop of the connection.
    init(_ handler: RequestHandler) {
        self.handler = NIOLoopBound(handler, eventLoop: handler.eventLoop)
    }

    /// Writes the whole answer; one that cannot be completed breaks the connection off.
    func send(_ response: consuming Response) async {
        let head = response.head
        let length = response.body.contentLength
        do {
            try await onEventLoop { $0.write(head) }
            if length == 0 {
                try await finish(nil)
            } else {
                var writer = self
                writer.isStream = length == nil
                if writer.isStream { try await onEventLoop { $0.beginStream() } }
                try await response.body.write(writer)
            }
        } catch {
            // Losing an error is right: then the event loop is gone, and the connection with it.
            try? await onEventLoop { $0.breakOff() }
        }
    }

    /// Writes a piece of the body, and waits while the connection is full.
    func write(_ buffer: ByteBuffer) async throws {
        let isStream = isStream
        let isFull = try await onEventLoop { handler in
            handler.write(buffer)
            return isStream || !handler.isWritable
        }
        guard isFull else { return }
        try await handler.eventLoop.flatSubmit { [handler] in handler.value.flush() }.get()
    }

    /// Ends the body; nothing here sends trailers.
    consuming func finish(_ trailers: HTTPFields?) async throws {
        try await onEventLoop { $0.endAnswer() }
    }

    private func onEventLoop<Result: Sendable>(
        _ work: @escaping @Sendable (RequestHandler) -> Result
    ) async throws -> Result {
        if handler.eventLoop.inEventLoop { return work(handler.value) }
        return try await handler.eventLoop.submit { [handler] in work(handler.value) }.get()
    }
}

private import AsyncHTTPClient
private import NIOCore
private import NIOHTTP1
private import Synchronization

extension HTTPTransport {
    /// Sends a request whose answer is a stream of events, and hands on what comes until it ends.
    ///
    /// - Throws: ``ClientError``: the refusal, if there is no stream; or that nothing came for so many
    ///   seconds.
    func stream(
        _ request: Request, mostSilence seconds: Int,
        _ take: @escaping @Sendable ([UInt8]) async throws -> Void
    ) async throws {
        let pieces = PieceCount()
        do {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    try await self.receive(request) { bytes in
                        pieces.add()
                        try await take(bytes)
                    }
                }
                tasks.addTask {
                    var before = -1
                    while true {
                        let count = pieces.value
                        guard count != before else {
                            throw ClientError.unreachable("The change feed fell silent.")
                        }
                        before = count
                        try await Task.sleep(for: .seconds(seconds))
                    }
                }
                defer { tasks.cancelAll() }
                try await tasks.next()
            }
        } catch let error as ClientError {
            throw error
        } catch {
            try Task.checkCancellation()
            throw ClientError.unreachable("The connection failed.")
        }
    }

    /// Longer than any token lasts, by which the stream is let in.
    private static let longestStream = TimeAmount.hours(25)

    private func receive(
        _ request: Request, _ take: ([UInt8]) async throws -> Void
    ) async throws {
        let response = try await execute(
            request, accepting: "text/event-stream", within: Self.longestStream)
        guard response.status == .ok else {
            throw Self.refusal(status: Int(response.status.code), response.headers)
        }
        let type = response.headers.first(name: "content-type")?.lowercased() ?? ""
        guard type.prefix(while: { $0 != ";" }) == "text/event-stream" else {
            throw ClientError.untrustworthy(.changeFeed)
        }
        for try await part in response.body {
            try await take(Array(part.readableBytesView))
        }
    }

    /// Whoever is broken or overwhelmed has decided nothing.
    private static func refusal(status: Int, _ headers: HTTPHeaders) -> ClientError {
        guard status == 400 || status == 401 || status == 403 else {
            return .unreachable("The change feed answered with the status \(status).")
        }
        return .oauth(
            OAuthRefusal(
                code: status == 403 ? "insufficient_scope" : "invalid_token",
                detail: "The change feed does not let this client in.", status: status))
    }
}

/// How many pieces of an answer have come.
private final class PieceCount: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .relaxed) }

    func add() { count.add(1, ordering: .relaxed) }
}

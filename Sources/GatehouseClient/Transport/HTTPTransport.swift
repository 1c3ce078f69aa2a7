internal import AsyncHTTPClient
internal import NIOCore
private import NIOHTTP1

/// The requests that an app makes to its provider.
///
/// Each is over within a time, and reads no more of an answer than makes sense. No redirect is
/// followed: a provider says where its endpoints are.
public final class HTTPTransport: Sendable {
    /// How long a request may take, and how much it may bring.
    public struct Limits: Sendable {
        /// The most seconds from the first to the last byte.
        public var seconds: Int
        /// The most bytes of an answer.
        public var bytes: Int

        /// Limits that are wide for an honest provider.
        public init(seconds: Int = 10, bytes: Int = 512 * 1024) {
            self.seconds = seconds
            self.bytes = bytes
        }
    }

    /// The connections that a whole process can share; they last as long as it does.
    public static let shared = HTTPTransport()

    private let client: HTTPClient
    private let limits: Limits

    /// Makes connections of their own, which have to be closed with ``shutdown()``.
    public init(limits: Limits = Limits()) {
        self.limits = limits
        client = HTTPClient(
            eventLoopGroupProvider: .singleton,
            configuration: HTTPClient.Configuration(
                redirectConfiguration: .disallow,
                timeout: .init(connect: .seconds(Int64(limits.seconds)))))
    }

    /// Closes every connection.
    public func shutdown() async throws {
        try await client.shutdown()
    }

    /// A request whose address was checked.
    struct Request: Sendable {
        let address: ProviderAddress
        /// What is posted; nil to ask for a document.
        var form: String?
        var headers: [(name: String, value: String)] = []
    }

    /// An answer that was read to its end.
    struct Answer: Sendable {
        let status: Int
        /// What the next DPoP proof has to carry (RFC 9449 §8).
        let nonce: String?
        let body: [UInt8]
    }

    /// Sends a request and reads the whole answer.
    func send(_ request: Request) async throws -> Answer {
        do {
            return try await withThrowingTaskGroup(of: Answer.self) { [limits] tasks in
                tasks.addTask { try await self.exchange(request) }
                tasks.addTask {
                    try await Task.sleep(for: .seconds(limits.seconds))
                    throw ClientError.unreachable("It took too long.")
                }
                defer { tasks.cancelAll() }
                guard let answer = try await tasks.next() else { throw CancellationError() }
                return answer
            }
        } catch let error as ClientError {
            throw error
        } catch {
            try Task.checkCancellation()
            throw ClientError.unreachable("The connection failed, or the answer was too large.")
        }
    }

    private func exchange(_ request: Request) async throws -> Answer {
        let response = try await execute(
            request, accepting: "application/json", within: .seconds(Int64(limits.seconds)))
        let body = try await response.body.collect(upTo: limits.bytes)
        return Answer(
            status: Int(response.status.code), nonce: response.headers.first(name: "dpop-nonce"),
            body: Array(body.readableBytesView))
    }

    /// Sends a request; the body of the answer is still to be read.
    func execute(
        _ request: Request, accepting type: String, within time: TimeAmount
    ) async throws -> HTTPClientResponse {
        var outgoing = HTTPClientRequest(url: request.address.text)
        outgoing.headers.add(name: "accept", value: type)
        for header in request.headers {
            outgoing.headers.add(name: header.name, value: header.value)
        }
        if let form = request.form {
            outgoing.method = .POST
            outgoing.headers.add(
                name: "content-type", value: "application/x-www-form-urlencoded")
            outgoing.body = .bytes(ByteBuffer(string: form))
        }
        return try await client.execute(outgoing, timeout: time)
    }
}

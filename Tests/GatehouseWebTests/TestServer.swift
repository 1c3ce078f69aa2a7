import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization
import Testing

/// The lines that a server logs.
final class CapturedLog: Sendable {
    private let content = Mutex<[String]>([])

    var lines: [String] { content.withLock { $0 } }
    var text: String { lines.joined() }

    var sink: LogSink {
        LogSink { line in
            self.content.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
        }
    }

    func logger(level: Logger.Level = .info) -> Logger {
        Logger(label: "test") {
            JSONLogOutput(label: $0, level: level, sink: self.sink, now: { 1_700_000_000_123 })
        }
    }
}

/// A server of one test, listening on a port of its own.
struct TestServer: Sendable {
    let address: SocketAddress
    let log: CapturedLog

    /// Runs a server while the body runs, then shuts it down gracefully.
    static func run(
        proxies: [String] = [],
        configure: (inout HTTPServerSettings) -> Void = { _ in },
        routes: (Router<EdgeContext>) -> Void = TestServer.routes,
        _ body: (TestServer) async throws -> Void
    ) async throws {
        var settings = HTTPServerSettings(
            address: .port(host: "127.0.0.1", port: 0), tls: nil,
            trustedProxies: try TrustedProxies(proxies))
        // A test machine may be slow for as long as it likes.
        settings.limits.overload = .seconds(600)
        configure(&settings)
        let log = CapturedLog()
        let (addresses, listening) = AsyncStream.makeStream(of: SocketAddress?.self)
        let server = try HTTPServer(
            settings, logger: log.logger(), onListening: { listening.yield($0) },
            routes: routes)
        let group = ServiceGroup(
            configuration: .init(services: [server], logger: Logger(label: "group")))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var iterator = addresses.makeAsyncIterator()
            let address = try #require(await iterator.next() ?? nil)
            try await body(TestServer(address: address, log: log))
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    struct Mishap: Error {
        let detail = "SELECT secret FROM vault"
    }

    static func routes(_ router: Router<EdgeContext>) {
        router.get("hello") { _, _ in "hello" }
        router.get("query") { request, _ in
            String(decoding: request.queryBytes ?? Array("none".utf8), as: UTF8.self)
        }
        router.get("client") { _, context in
            "\(context.clientAddress?.description ?? "local") \(context.isSecure)"
        }
        router.get("boom") { _, _ -> String in throw Mishap() }
        router.get("conflict") { _, _ -> String in
            throw HTTPError(.conflict, message: "SELECT secret")
        }
        router.get("page") { _, _ in
            Response(
                status: .ok,
                headers: [.cacheControl: "max-age=300", .contentSecurityPolicy: "img-src 'self'"])
        }
        router.post("form") { request, _ in "\(try await request.formBytes().count) bytes" }
        router.post("ignore") { _, _ in "ignored" }
        router.group("items").get(":id") { _, context in
            context.parameters.get("id") ?? ""
        }.delete(":id") { _, _ in "deleted" }
    }

    /// Sends bytes as they are and returns everything that comes back until the server closes.
    func exchange(_ bytes: String) async throws -> Answers {
        try await exchange(Array(bytes.utf8))
    }

    func exchange(_ bytes: [UInt8]) async throws -> Answers {
        try await connect { inbound, outbound in
            // The server may refuse and close before it has read everything.
            try? await outbound.write(ByteBuffer(bytes: bytes))
            return try await Answers(inbound)
        }
    }

    /// Sends a request whose connection ends after it.
    func send(
        _ target: String, by method: String = "GET", headers: [String] = [], body: String = ""
    ) async throws -> Answers {
        var lines =
            ["\(method) \(target) HTTP/1.1", "Host: id.test", "Connection: close"] + headers
        if !body.isEmpty { lines.append("Content-Length: \(body.utf8.count)") }
        return try await exchange(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
    }

    /// The status of the one answer; `nil` when there is none, or more.
    func status(
        of target: String, by method: String = "GET", headers: [String] = []
    ) async -> Int? {
        // A connection that fails has no status, which is what the test then says.
        try? await send(target, by: method, headers: headers).status
    }

    /// The body of the answer to a GET.
    func body(of target: String, headers: [String] = []) async -> String? {
        // As above.
        try? await send(target, headers: headers).body
    }

    typealias Inbound = NIOAsyncChannelInboundStream<ByteBuffer>
    typealias Outbound = NIOAsyncChannelOutboundWriter<ByteBuffer>

    func connect<Value: Sendable>(
        _ body: (Inbound, Outbound) async throws -> Value
    ) async throws -> Value {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(to: address) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
        return try await channel.executeThenClose { try await body($0, $1) }
    }
}

/// What came back over one connection.
struct Answers: Sendable {
    let text: String

    init(_ inbound: TestServer.Inbound) async throws {
        var bytes: [UInt8] = []
        do {
            for try await buffer in inbound { bytes += buffer.readableBytesView }
        } catch is IOError {
            // A reset after the answer: the connection is as closed as it gets.
        }
        text = String(decoding: bytes, as: UTF8.self)
    }

    /// The status codes of the answers, interim ones included.
    var statuses: [Int] {
        text.split(separator: "HTTP/1.1 ", omittingEmptySubsequences: false)
            .dropFirst().compactMap { Int($0.prefix(3)) }
    }

    var status: Int? { statuses.count == 1 ? statuses[0] : nil }

    var body: String {
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1)
        return parts.count == 2 ? String(parts[1]) : ""
    }

    func values(_ name: String) -> [String] {
        text.split(separator: "\r\n")
            .filter { $0.lowercased().hasPrefix(name.lowercased() + ": ") }
            .map { String($0.dropFirst(name.count + 2)) }
    }
}

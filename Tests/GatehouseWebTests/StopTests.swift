import GatehouseProtocol
import GatehouseWeb
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import Testing

/// How the server stops.
@Suite(.timeLimit(.minutes(1))) struct `Stop` {
    /// A server with one route that answers when it is told to.
    struct SlowServer {
        let group: ServiceGroup
        let addresses: AsyncStream<SocketAddress?>
        let entered: AsyncStream<Void>
        let open: AsyncStream<Void>.Continuation
        let log = CapturedLog()

        init(grace: Duration?) throws {
            let (entered, enter) = AsyncStream.makeStream(of: Void.self)
            let (gate, open) = AsyncStream.makeStream(of: Void.self)
            let (addresses, listening) = AsyncStream.makeStream(of: SocketAddress?.self)
            let server = try HTTPServer(
                HTTPServerSettings(
                    address: .port(host: "127.0.0.1", port: 0), tls: nil, trustedProxies: .none),
                logger: log.logger(), onListening: { listening.yield($0) },
                routes: { router in
                    router.get("slow") { _, _ in
                        enter.yield()
                        for await _ in gate { break }
                        return "done"
                    }
                })
            var configuration = ServiceGroupConfiguration(
                services: [server], logger: Logger(label: "group"))
            configuration.maximumGracefulShutdownDuration = grace
            group = ServiceGroup(configuration: configuration)
            (self.addresses, self.entered, self.open) = (addresses, entered, open)
        }

        func client() async throws -> TestServer {
            var iterator = addresses.makeAsyncIterator()
            return TestServer(address: try #require(await iterator.next() ?? nil), log: log)
        }
    }

    static let slow = "GET /slow HTTP/1.1\r\nHost: id.test\r\n\r\n"

    @Test func `a shutdown finishes requests and closes idle connections`() async throws {
        let server = try SlowServer(grace: nil)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await server.group.run() }
            let client = try await server.client()
            tasks.addTask {
                let answers = try await client.exchange(Self.slow)
                #expect(answers.body == "done")
                #expect(answers.values("connection") == ["close"])
            }
            for await _ in server.entered { break }
            try await client.connect { inbound, _ in
                await server.group.triggerGracefulShutdown()
                // Nothing was asked here, so the server closes this one at once.
                let answers = try await Answers(inbound)
                #expect(answers.text == "")
            }
            await #expect(throws: (any Error).self) { try await client.exchange("") }
            server.open.yield()
            try await tasks.waitForAll()
        }
    }

    @Test func `a shutdown cancels what takes longer than the grace period`() async throws {
        let server = try SlowServer(grace: .milliseconds(20))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await server.group.run() }
            let client = try await server.client()
            tasks.addTask { _ = try await client.exchange(Self.slow) }
            for await _ in server.entered { break }
            await server.group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}

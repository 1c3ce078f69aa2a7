import GatehouseCore
import GatehouseOutbound
import GatehouseProtocol
import NIOCore
import NIOPosix
import Synchronization
import Testing

private let start = Timestamp(milliseconds: 1_800_000_000_000)

/// A name server that says what a test wants, and a network on which nothing answers; both
/// remember what they were asked.
private final class HostileNetwork: Sendable {
    private struct State {
        var answers: [[String]]
        var lookups = 0
        var connections: [String] = []
    }

    private let state: Mutex<State>

    /// The answers to one lookup after another; the last one stays.
    init(_ answers: [[String]]) {
        state = Mutex(State(answers: answers))
    }

    var lookups: Int { state.withLock { $0.lookups } }
    /// The addresses that something tried to connect to.
    var connections: [String] { state.withLock { $0.connections } }

    var resolver: HostResolver {
        HostResolver { [self] _, port in
            let texts = state.withLock { state in
                state.lookups += 1
                return state.answers.count > 1 ? state.answers.removeFirst() : state.answers[0]
            }
            return try texts.map { try SocketAddress(ipAddress: $0, port: port) }
        }
    }

    var connector: Connector {
        Connector { [self] address, loop, _, _ in
            state.withLock { $0.connections.append(address.ipAddress ?? "?") }
            return loop.makeFailedFuture(ChannelError.connectTimeout(.seconds(1)))
        }
    }

    func client(allowing ranges: [String] = ["127.0.0.0/8"]) -> OutboundClient {
        OutboundClient(
            allowing: PublicAddresses(and: ranges.compactMap(AddressRange.init)), trusting: [],
            limits: .patient, resolver: resolver, connector: connector)
    }
}

extension OutboundClient.Limits {
    /// For what ends by itself, also on a machine that has much else to do.
    fileprivate static let patient: Self = {
        var limits = Self()
        limits.connect = .seconds(120)
        limits.total = .seconds(120)
        return limits
    }()
}

/// The failure of a request; nil if it was answered.
private func failure(
    _ client: OutboundClient, _ address: String = "https://keys.test/jwks",
    posting form: FormParameters? = nil, after delay: Lifetime = .seconds(0)
) async throws -> OutboundFailure? {
    let address = try #require(OutboundAddress(parsing: address))
    do throws(OutboundFailure) {
        let request = OutboundRequest(address, accept: "application/json", mostBytes: 1_000)
        if let form {
            _ = try await client.post(OutboundContent(form), to: request, at: start + delay)
        } else {
            _ = try await client.get(request, at: start + delay)
        }
        return nil
    } catch {
        return error
    }
}

@Suite(.timeLimit(.minutes(1))) struct `A request to another server` {
    @Test(arguments: [
        "10.0.0.1", "127.0.0.1", "169.254.169.254", "0.0.0.0", "224.0.0.1", "::1", "fe80::1",
        "fd00:ec2::254", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1",
        "2002:7f00:1::1", "2001:0:7f00:1::1", "::127.0.0.1", "::",
    ])
    func `GH-340: goes nowhere if its name leads inside`(text: String) async throws {
        let network = HostileNetwork([[text]])
        let client = network.client(allowing: [])
        #expect(try await failure(client) == .forbiddenAddress)
        #expect(network.connections.isEmpty && network.lookups == 1)
    }

    @Test(arguments: [
        ["203.0.113.9", "127.0.0.1"], ["127.0.0.1", "10.0.0.1"], ["127.0.0.1", "::1"],
        ["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4", "192.168.0.1"],
        ["127.0.0.1", "::ffff:127.0.0.1"],
    ])
    func `GH-349: goes nowhere if its name leads inside, too`(texts: [String]) async throws {
        let network = HostileNetwork([texts])
        #expect(try await failure(network.client()) == .forbiddenAddress)
        #expect(network.connections.isEmpty)
    }

    @Test func `GH-349: is judged each time, by what its name leads to then`() async throws {
        let network = HostileNetwork([["127.0.0.1"], ["10.0.0.1"], ["127.0.0.2"], ["::1"]])
        let client = network.client()
        let expected: [OutboundFailure] = [
            .unreachable, .forbiddenAddress, .unreachable, .forbiddenAddress,
        ]
        for (number, outcome) in expected.enumerated() {
            let delay = Lifetime.minutes(Int64(number))
            #expect(try await failure(client, after: delay) == outcome)
            // One lookup for each: what was judged is what is connected to.
            #expect(network.lookups == number + 1)
        }
        #expect(network.connections == ["127.0.0.1", "127.0.0.2"])
    }

    @Test func `GH-349: that posts a form is judged each time, too`() async throws {
        let network = HostileNetwork([["127.0.0.1"], ["10.0.0.1"], ["127.0.0.2", "::1"]])
        let client = network.client()
        let form = FormParameters([("logout_token", "a.b.c")])
        for (number, outcome) in [
            OutboundFailure.unreachable, .forbiddenAddress, .forbiddenAddress,
        ].enumerated() {
            let delay = Lifetime.minutes(Int64(number))
            #expect(try await failure(client, posting: form, after: delay) == outcome)
        }
        // What failed a moment ago is not tried, whoever asks.
        #expect(try await failure(client, after: .minutes(2)) == .recentlyFailed)
        #expect(network.connections == ["127.0.0.1"] && network.lookups == 3)
    }

    @Test func `GH-349: is not sent to a peer that is not the one that was judged`() async throws {
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0).get()
        let actual = try #require(listener.localAddress)
        let client = OutboundClient(
            allowing: PublicAddresses(and: ["127.0.0.0/8"].compactMap(AddressRange.init)),
            trusting: [], limits: .patient,
            resolver: HostResolver { _, port in
                [try SocketAddress(ipAddress: "127.0.0.7", port: port)]
            },
            connector: Connector { _, loop, limit, initializer in
                Connector.system.connect(actual, loop, limit, initializer)
            })
        #expect(try await failure(client) == .forbiddenAddress)
        try await listener.close()
    }

    @Test func `GH-340: goes to an address in the place of a name if it may`() async throws {
        let network = HostileNetwork([[]])
        let client = network.client()
        #expect(try await failure(client, "https://127.0.0.9:8443/") == .unreachable)
        #expect(try await failure(client, "https://10.0.0.1/") == .forbiddenAddress)
        #expect(try await failure(client, "https://[::1]/") == .forbiddenAddress)
        #expect(try await failure(client, "https://169.254.169.254/") == .forbiddenAddress)
        #expect(network.connections == ["127.0.0.9"] && network.lookups == 0)
    }

    @Test func `tries a few addresses of a host, and no more`() async throws {
        let network = HostileNetwork([(1...9).map { "127.0.0.\($0)" }])
        #expect(try await failure(network.client()) == .unreachable)
        #expect(network.connections == ["127.0.0.1", "127.0.0.2", "127.0.0.3"])
    }

    @Test func `fails if a name leads nowhere`() async throws {
        let network = HostileNetwork([[]])
        #expect(try await failure(network.client()) == .unresolved)
    }

    @Test func `is not repeated at once where it failed`() async throws {
        let network = HostileNetwork([["10.0.0.1"]])
        let client = network.client()
        #expect(try await failure(client) == .forbiddenAddress)
        #expect(try await failure(client, after: .seconds(29)) == .recentlyFailed)
        let other = "https://keys.test/other"
        #expect(try await failure(client, other, after: .seconds(29)) == .recentlyFailed)
        #expect(network.lookups == 1)
        // The same name on another port, and another name, are something else.
        let port = "https://keys.test:8443/jwks"
        #expect(try await failure(client, port, after: .seconds(29)) == .forbiddenAddress)
        let host = "https://other.test/jwks"
        #expect(try await failure(client, host, after: .seconds(29)) == .forbiddenAddress)
        #expect(try await failure(client, after: .seconds(31)) == .forbiddenAddress)
    }

    @Test func `waits for nobody: a name server that is silent, a host that is full`() async throws
    {
        let gate = NIOSingletons.posixEventLoopGroup.next().makePromise(of: Void.self)
        let begun = Mutex(0)
        var limits = OutboundClient.Limits()
        limits.connect = .milliseconds(200)
        limits.perHost = 2
        limits.concurrent = 3
        let client = OutboundClient(
            allowing: PublicAddresses(), trusting: [], limits: limits,
            resolver: HostResolver { _, _ in
                begun.withLock { $0 += 1 }
                try await gate.futureResult.get()
                return []
            })
        let failures = try await withThrowingTaskGroup(of: OutboundFailure?.self) { group in
            for name in ["a", "a", "a", "a", "b", "c", "c"] {
                group.addTask { try await failure(client, "https://\(name).test/") }
            }
            return try await group.reduce(into: [OutboundFailure?]()) { $0.append($1) }
        }
        gate.succeed()
        #expect(failures.count { $0 == .unresolved } <= 3)
        #expect(failures.allSatisfy { $0 == .unresolved || $0 == .busy || $0 == .recentlyFailed })
        #expect(begun.withLock { $0 } <= 3)
    }
}

@Suite struct `An address to ask` {
    @Test(arguments: [
        "http://keys.test/", "ftp://keys.test/", "file:///etc/passwd", "gopher://keys.test/",
        "https://good.test@127.0.0.1/", "https://good.test#@127.0.0.1/",
        "https://127.0.0.1\\@good.test/", "https://good.test\t/", "https://good.test\n/",
        "https://good.test/\r\nHost: evil", "https://[fe80::1%25eth0]/", "https://[::1", "https://",
        "https:///jwks", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/",
        "https://127.1/", "https://１２７.0.0.1/", "https://good.test:0/", "https://good.test:65536/",
        "https://good.test:443x/", "https://user:secret@good.test/", "HTTPS://good.test/",
        "https://good.test/a/../b", "https://good.test./", "https://good..test/", "//good.test/",
        " https://good.test/", "https://good.test/ü", "javascript:alert(1)", "",
    ])
    func `GH-352, GH-355: is https, and one thing to every parser`(text: String) {
        #expect(OutboundAddress(parsing: text) == nil)
    }

    @Test func `is taken apart`() throws {
        let plain = try #require(OutboundAddress(parsing: "https://keys.test"))
        #expect(plain.host == "keys.test" && plain.port == 443)
        #expect(plain.target == "/" && plain.authority == "keys.test")
        let full = try #require(OutboundAddress(parsing: "https://keys.test:8443/a/b?c=d&e"))
        #expect(full.port == 8443 && full.target == "/a/b?c=d&e")
        #expect(full.authority == "keys.test:8443")
        let query = try #require(OutboundAddress(parsing: "https://keys.test?c"))
        #expect(query.target == "/?c")
    }
}

package import GatehouseCore
private import GatehouseProtocol
package import NIOCore
private import NIOPosix
package import NIOSSL
private import Synchronization

/// Asks other servers over HTTPS, and lets nobody use that to reach what is not public.
///
/// A request is judged where it goes, not by how its address is written: the name is looked up once,
/// all that it leads to is checked, and the very address that was checked is connected to. There are
/// no redirects, no proxy and no second connection.
package final class OutboundClient: Outbound {
    private let allowed: PublicAddresses
    private let limits: Limits
    private let resolver: HostResolver
    private let connector: Connector
    private let trusted: [NIOSSLCertificate]
    private let occupancy: Occupancy
    private let failures: RecentFailures
    private let context = Mutex<NIOSSLContext?>(nil)

    /// How long and how much.
    package struct Limits: Sendable {
        /// For a name to be looked up, and for each address to be connected to.
        package var connect = TimeAmount.seconds(3)
        /// For everything.
        package var total = TimeAmount.seconds(10)
        /// How many requests to one host may be under way.
        package var perHost = 8
        /// How many requests may be under way.
        package var concurrent = 64
        /// How long a failure is remembered.
        package var memory = Lifetime.seconds(30)

        package init() {}
    }

    /// Makes a client that may go to public addresses and to those that are allowed besides, and
    /// trusts the system's certificate authorities and these besides.
    package init(
        allowing allowed: PublicAddresses, trusting certificates: [NIOSSLCertificate],
        limits: Limits = Limits(), resolver: HostResolver = .system,
        connector: Connector = .system
    ) {
        self.allowed = allowed
        trusted = certificates
        self.limits = limits
        self.resolver = resolver
        self.connector = connector
        occupancy = Occupancy(mostPerHost: limits.perHost, most: limits.concurrent)
        failures = RecentFailures(for: limits.memory)
    }

    package func get(
        _ request: OutboundRequest, at now: Timestamp
    ) async throws(OutboundFailure) -> OutboundAnswer {
        try await ask(request, at: now)
    }

    package func post(
        _ content: OutboundContent, to request: OutboundRequest, at now: Timestamp
    ) async throws(OutboundFailure) -> OutboundAnswer {
        try await ask(request.posting(content), at: now)
    }

    private func ask(
        _ request: OutboundRequest, at now: Timestamp
    ) async throws(OutboundFailure) -> OutboundAnswer {
        let host = request.address.host
        guard !failures.contains(request.address, at: now) else { throw .recentlyFailed }
        guard occupancy.enter(host) else { throw .busy }
        defer { occupancy.leave(host) }
        do throws(OutboundFailure) {
            return try await exchange(request)
        } catch {
            failures.note(error, at: request.address, now)
            throw error
        }
    }

    /// The request and its answer, or the failure that comes first.
    private func exchange(
        _ request: OutboundRequest
    ) async throws(OutboundFailure) -> OutboundAnswer {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let outcome = loop.makePromise(of: OutboundAnswer.self)
        let deadline = loop.scheduleTask(in: limits.total) {
            outcome.fail(OutboundFailure.timedOut)
        }
        let work = Task {
            do {
                try await self.begin(request, outcome, on: loop)
            } catch {
                outcome.fail(error)
            }
        }
        defer {
            deadline.cancel()
            work.cancel()
        }
        do {
            return try await withTaskCancellationHandler {
                try await outcome.futureResult.get()
            } onCancel: {
                // Nobody waits for the answer any more, and the process may be ending.
                outcome.fail(OutboundFailure.timedOut)
            }
        } catch {
            throw OutboundConnection.failure(error)
        }
    }

    /// Finds the host and connects to it; the connection tells the outcome.
    private func begin(
        _ request: OutboundRequest, _ outcome: EventLoopPromise<OutboundAnswer>,
        on loop: any EventLoop
    ) async throws {
        let late = loop.scheduleTask(in: limits.connect) {
            outcome.fail(OutboundFailure.unresolved)
        }
        let addresses: [SocketAddress]
        do {
            addresses = try await self.addresses(of: request.address)
            late.cancel()
        } catch {
            late.cancel()
            throw error
        }
        let destination = try Destination(addresses, within: allowed)
        try Task.checkCancellation()
        try await OutboundConnection(request: request, tls: tls(), outcome: outcome)
            .open(destination, by: connector, within: limits.connect)
    }

    /// The addresses of a host; an address in the place of a name is its own.
    private func addresses(
        of address: OutboundAddress
    ) async throws(OutboundFailure) -> [SocketAddress] {
        let literal = address.host.filter { $0 != "[" && $0 != "]" }
        do {
            if IPAddress(literal) != nil {
                return [try SocketAddress(ipAddress: literal, port: address.port)]
            }
            return try await resolver.addresses(address.host, address.port)
        } catch is HostResolver.TooManyLookups {
            throw .busy
        } catch {
            throw .unresolved
        }
    }

    /// What TLS demands, made when it is needed first: most installations never ask anybody.
    private func tls() throws -> NIOSSLContext {
        try context.withLock { context in
            if let context { return context }
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.minimumTLSVersion = .tlsv12
            configuration.certificateVerification = .fullVerification
            if !trusted.isEmpty {
                configuration.additionalTrustRoots = [.certificates(trusted)]
            }
            configuration.applicationProtocols = ["http/1.1"]
            let made = try NIOSSLContext(configuration: configuration)
            context = made
            return made
        }
    }
}

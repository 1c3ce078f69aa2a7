private import UnixSignals
import GatehouseAdmin
import GatehouseCore
import GatehouseEndpoints
import GatehouseProtocol
import GatehouseWeb
import Glibc
import Hummingbird
import Logging
import ServiceLifecycle

/// A running installation: the HTTP server, the socket for commands and the jobs in the background,
/// started together and stopped together.
struct Server {
    let instance: OpenInstance
    let base: BaseURL
    let logger: Logger
    private let facts: InstallationFacts

    init(_ instance: OpenInstance, base: BaseURL, logger: Logger) {
        self.instance = instance
        self.base = base
        self.logger = logger
        facts = instance.facts(
            served: InstallationFacts.Serving(
                startedAt: Clock.system.now, endsTLS: instance.settings.tls != nil,
                trustsProxies: instance.settings.trustedProxies != .none,
                connections: Self.connections(instance.settings)))
    }

    private var gatehouse: Gatehouse { instance.gatehouse }

    /// Serves until the process is told to stop, then finishes what is under way.
    ///
    /// What runs beside, such as the demo, starts and stops with it.
    func run(
        also: [any Service] = [], onListening: @escaping @Sendable () async -> Void = {}
    ) async throws {
        try await Instance.remember(baseURL: base.text, in: gatehouse.database)
        var services: [any Service] = [
            BackgroundJobs(gatehouse: gatehouse, logger: logger)
        ]
        if let socket = try controlServer() { services.append(socket) }
        services.append(try httpServer(onListening))
        if let server = try mutualTLSServer() { services.append(server) }
        services.append(EndOfFeeds(feed: gatehouse.changeFeed))
        services += also
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0, successTerminationBehavior: .ignore) },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(
            instance.settings.shutdownGrace)
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch {
            await finish()
            throw error
        }
        await finish()
    }

    /// Writes what is not written yet and closes the database.
    private func finish() async {
        do {
            try await gatehouse.usage.flush(to: gatehouse.database)
            try await gatehouse.refusedRequests.flush()
        } catch {
            logger.warning("usage not recorded", metadata: ["reason": "\(error)"])
        }
        await instance.close()
    }

    /// How many connections each listener may have: those that both have together are as many as one
    /// would have alone.
    private static func connections(_ settings: Settings) -> Int {
        let all = OpenFiles.connections()
        return settings.mutualTLS.listen == nil ? all : all / 2
    }

    private func httpServer(
        _ onListening: @escaping @Sendable () async -> Void
    ) throws -> HTTPServer {
        let routes = SiteRoutes(instance, base: base, facts: facts)
        return try HTTPServer(
            settings(at: instance.settings.listen), logger: logger,
            onListening: { _ in await onListening() }, endpoints: endpoints(routes),
            hosts: routes.ofTenants, routes: routes.addRoutes)
    }

    /// The listener at which clients are asked for a certificate, if there is one.
    ///
    /// It is one of its own, so that no browser asks a person for a certificate that nobody needs.
    private func mutualTLSServer() throws -> HTTPServer? {
        guard let address = instance.settings.mutualTLS.listen else { return nil }
        var settings = settings(at: address)
        settings.asksForCertificates = true
        let routes = SiteRoutes(instance, base: base, facts: facts)
        return try HTTPServer(
            settings, logger: logger, endpoints: endpoints(routes), hosts: routes.ofMutualTLS
        ) { HealthRoutes(gatehouse: gatehouse).addRoutes(to: $0) }
    }

    /// What both listeners have in common.
    private func settings(at address: HTTPServerSettings.Address) -> HTTPServerSettings {
        var settings = HTTPServerSettings(
            address: address, tls: instance.settings.tls,
            trustedProxies: instance.settings.trustedProxies)
        settings.certificateHeader = instance.settings.mutualTLS.header
        settings.limits.connections = Self.connections(instance.settings)
        return settings
    }

    private func endpoints(_ routes: SiteRoutes) -> Endpoints {
        Endpoints(gatehouse: gatehouse, base: base, resolving: routes.resolve)
    }

    /// The socket for commands, where there is a data directory to put it in.
    private func controlServer() throws -> HTTPServer? {
        guard let data = instance.settings.data else { return nil }
        let path = ControlSocket.path(in: data)
        guard path.utf8.count <= ControlSocket.longestPath else {
            throw CommandError(
                .dataDirectory,
                "The path of the data directory is too long for the socket in it, \(path).")
        }
        // Nobody else can be using it: the lock on the directory is ours.
        unsafe unlink(path)
        let settings = HTTPServerSettings(
            address: .unixSocket(path: path), tls: nil, trustedProxies: .none)
        let addresses = InstanceAddresses(base: base, tenantDomain: instance.settings.tenantDomain)
        let (gatehouse, facts) = (gatehouse, facts)
        let keep = instance.copyState
        // What this listener does is in the events; that it ended is told by whoever ended it.
        var quiet = logger
        quiet.logLevel = .critical
        return try HTTPServer(settings, logger: quiet) { router in
            ControlSocket.addRoutes(to: router) { occasion in
                Operation.Setting(
                    gatehouse: gatehouse, addresses: addresses, facts: facts, occasion: occasion,
                    keep: keep)
            }
        }
    }
}

/// Ends those who follow changes when the process is told to stop: the server waits for answers, and
/// theirs have no end.
private struct EndOfFeeds: Service {
    let feed: ChangeFeed

    func run() async throws {
        try await gracefulShutdown()
        feed.end()
    }
}

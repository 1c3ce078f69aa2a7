import ArgumentParser
import AsyncHTTPClient
import GatehouseAdmin
import GatehouseCore
import GatehouseDemo
import GatehouseProtocol
import GatehouseSQLite
import GatehouseWeb
import Glibc
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// Starts a working installation to try things out: a tenant, users, and an application that relies
/// on it.
struct TryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "try",
        abstract: "Start a working demo: a tenant, three users, an application and an admin link.",
        discussion: """
            The state lasts until the next trial begins. “gatehouse keep DIR” turns it into an \
            installation that lasts.
            """)

    @Option(help: "The address to listen on. Default: 127.0.0.1:8080.")
    var listen = "127.0.0.1:8080"

    @Option(help: "The address that the demo application listens on. Default: 127.0.0.1:8081.")
    var demoListen = "127.0.0.1:8081"

    @Option(help: "What is logged: debug, info, warning or error. Default: warning.")
    var logLevel = "warning"

    func run() async throws {
        let directory = TrialState.directory
        let settings = try Settings(
            SettingsSource(
                flags: [
                    .data: directory, .listen: listen, .logLevel: logLevel,
                    .baseURL: "http://" + listen,
                ], environment: [:], file: nil))
        guard let base = settings.baseURL, let demo = HTTPServerSettings.Address(demoListen) else {
            throw CommandError(.wrongUse, "“\(demoListen)” is not host:port.")
        }
        for address in [settings.listen, demo] { try await Self.requireFree(address) }
        try prepare(directory)
        let logger = Logs.start(settings)
        let mailbox = TrialMailbox()
        let instance = try await OpenInstance.open(
            settings, isServing: true, mail: mailbox, at: Clock.system.now)
        let trial = try await Trial.set(up: instance.gatehouse, demoURL: "http://" + demoListen)
        let httpClient = HTTPClient(configuration: DemoApplication.clientConfiguration)
        let application = DemoApplication(
            settings: trial.demoSettings(issuer: Issuer(base: base, slug: Trial.slug.text)),
            assets: StaticAssets(base: ""), mailbox: { mailbox.mails }, httpClient: httpClient,
            now: { Clock.system.now.seconds }, random: Random.bytes)
        let welcome = trial.welcome(base: base, demoURL: "http://" + demoListen)
        let listening = Countdown(2) { TextStream.output.write(welcome) }
        let demoServer = try HTTPServer(
            HTTPServerSettings(address: demo, tls: nil, trustedProxies: .none), logger: logger,
            onListening: { _ in listening.step() }
        ) { application.addRoutes(to: $0) }
        do {
            try await Server(instance, base: base, logger: logger).run(
                also: [demoServer], onListening: { listening.step() })
        } catch {
            try await httpClient.shutdown()
            throw error
        }
        try await httpClient.shutdown()
    }

    /// Says how to choose another port where one is taken: the first thing that a stranger meets.
    ///
    /// Asked before anything starts, so that nothing has to be stopped again.
    private static func requireFree(_ address: HTTPServerSettings.Address) async throws {
        guard case .port(let host, let port) = address, port != 0 else { return }
        do {
            let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .bind(host: host, port: port).get()
            try await channel.close()
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw CommandError(
                .failed,
                """
                Cannot listen on \(address): the port is in use. Choose other ports with \
                --listen and --demo-listen.
                """)
        }
    }

    /// Clears the directory of the last trial, unless that one is still running.
    private func prepare(_ directory: String) throws {
        try TrialState.claim()
        // Held only while the old files are removed; a running trial keeps it from us.
        let lock = try DataDirectoryLock(directory: directory)
        TrialState.clear()
        _ = lock
    }
}

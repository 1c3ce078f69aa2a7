public import GatehouseClient
internal import GatehouseEncoding
internal import GatehouseJOSE
private import GatehouseProtocol
private import Hummingbird
private import Logging
private import NIOCore
private import ServiceLifecycle
private import Synchronization

/// A provider on this very machine for the tests of an app: it signs in whomever it is told to, and
/// can be made to misbehave.
///
/// It is no provider for people. Its keys and codes keep nobody out.
public final class FakeIssuer: Sendable {
    /// The issuer, such as `http://127.0.0.1:40123`.
    public let address: String
    let clock: ClientClock
    private let state: Mutex<IssuerState>

    private init(port: Int, clock: ClientClock) throws {
        address = "http://127.0.0.1:\(port)"
        self.clock = clock
        state = Mutex(IssuerState(key: try SigningKey(generating: .es256)))
    }

    /// Runs an issuer on a port of its own while the body runs.
    ///
    /// - Parameters:
    ///   - clock: The clock that its tokens go by, the same as the app's.
    ///   - body: The test.
    /// - Throws: What the body throws, or an error if nothing can listen.
    public static func run(
        clock: ClientClock, _ body: (FakeIssuer) async throws -> Void
    ) async throws {
        let logger = Logger(label: "fake issuer") { _ in SwiftLogNoOpLogHandler() }
        let (ports, listening) = AsyncStream.makeStream(of: Int.self)
        let routes = IssuerRoutes()
        let application = Application(
            responder: CallbackResponder { (request, _: BasicRequestContext) in
                try await routes.response(to: request)
            },
            configuration: ApplicationConfiguration(
                address: .hostname("127.0.0.1", port: 0), serverName: nil),
            onServerRunning: { channel in
                listening.yield(channel.localAddress?.port ?? 0)
            }, logger: logger)
        var configuration = ServiceGroupConfiguration(services: [application], logger: logger)
        // Nothing new comes in then, and what still streams is cut off.
        configuration.maximumGracefulShutdownDuration = .seconds(1)
        let group = ServiceGroup(configuration: configuration)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { listening.finish() }
                try await group.run()
            }
            var iterator = ports.makeAsyncIterator()
            guard let port = await iterator.next() else {
                throw ClientError.unreachable("The fake issuer does not start.")
            }
            let issuer = try FakeIssuer(port: port, clock: clock)
            routes.serve(issuer)
            let outcome: Result<Void, any Error>
            do {
                outcome = .success(try await body(issuer))
            } catch {
                outcome = .failure(error)
            }
            // Cancelled at once, the server would trap on a connection that is just being made.
            await group.triggerGracefulShutdown()
            // Losing an error is right: it is about what was cut off.
            try? await tasks.waitForAll()
            try outcome.get()
        }
    }

    /// What it does wrong; nil for nothing.
    public var misbehavior: Misbehavior? {
        get { change { $0.misbehavior } }
        set { change { $0.misbehavior = newValue } }
    }

    /// Whom it signs in.
    public var person: FakePerson {
        get { change { $0.person } }
        set { change { $0.person = newValue } }
    }

    /// How many seconds access tokens last.
    public var tokenLifetime: Int64 {
        get { change { $0.lifetime } }
        set { change { $0.lifetime = newValue } }
    }

    /// How often a device is told to wait before it is let in.
    public var pendingAnswers: Int {
        get { change { $0.pendingAnswers } }
        set { change { $0.pendingAnswers = newValue } }
    }

    /// Whether refreshing brings a new ID token.
    public var givesIDTokenOnRefresh: Bool {
        get { change { $0.givesIDTokenOnRefresh } }
        set { change { $0.givesIDTokenOnRefresh = newValue } }
    }

    /// Whether a refresh token works once, and refreshing brings another.
    public var rotatesRefreshTokens: Bool {
        get { change { $0.rotatesRefreshTokens } }
        set { change { $0.rotatesRefreshTokens = newValue } }
    }

    /// Whether proofs have to carry a nonce of the issuer (RFC 9449 §8).
    public var wantsNonce: Bool {
        get { change { $0.wantsNonce } }
        set { change { $0.wantsNonce = newValue } }
    }

    /// How often a path was asked, such as `/token`.
    public func requests(to path: String) -> Int { change { $0.requests[path] ?? 0 } }

    /// From which addresses tokens came that it was asked about, one by one (`client_address`); nil
    /// where that was not said.
    public var clientAddresses: [String?] { change { $0.clientAddresses } }

    /// Signs with a new key from now on; the former one stays published, or does not.
    public func rotateKeys(publishingFormer: Bool = true) throws {
        let key = try SigningKey(generating: .es256)
        change { state in
            state.formerKeys = publishingFormer ? [state.key] : []
            state.key = key
        }
    }

    /// Makes every refresh token worthless.
    public func revokeEverything() { change { $0.refreshTokens = [:] } }

    /// What a browser would bring back that was sent to an address of
    /// ``IdentityProvider/authorizationURL(_:)``.
    ///
    /// - Returns: The address that the browser would come to.
    public func callback(for attempt: AuthorizationAttempt) throws -> String {
        try authorize(attempt.url)
    }

    func change<Result: Sendable>(_ body: (inout IssuerState) throws -> Result) rethrows -> Result {
        try state.withLock { try body(&$0) }
    }
}

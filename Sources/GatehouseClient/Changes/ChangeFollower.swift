private import GatehouseEncoding
internal import GatehouseJOSE
private import Synchronization

/// Follows what an issuer tells of changes, so that an API refuses a token as soon as what it says is
/// not true any more, without asking about each.
///
/// Make one when the API starts, ``run()`` it for as long as the API runs, and give it to the
/// ``TokenVerifier``.
public final class ChangeFollower: Sendable {
    /// What an API does while it hears nothing.
    public enum WhenLost: Sendable, Equatable {
        /// It takes tokens until they end, as if it followed nothing.
        case goOn
        /// It asks the issuer about each token, if the verifier can; if not, it refuses.
        case introspect
        /// It takes no token.
        case refuse
    }

    /// How an API follows.
    public struct Options: Sendable {
        /// What happens while nothing is heard.
        ///
        /// ``WhenLost/goOn`` by default: an issuer that is away for a moment must not take every
        /// API with it, and tokens end soon.
        public var whenLost = WhenLost.goOn
        /// After how many seconds without a sign of life nothing is believed to be heard; the issuer
        /// gives one every 15 seconds.
        public var lostAfter: Int64 = 40
        /// How many seconds the issuer's access tokens last at most.
        public var tokenLifetime: Int64 = 86_400

        /// The usual ones.
        public init() {}
    }

    /// How an API follows.
    public let options: Options
    let provider: IdentityProvider
    let transport: HTTPTransport
    /// Whether the feed brought something since it was asked last.
    let hasBegun = Flag()
    private let state: Mutex<State>

    private struct State {
        var memory: ChangeMemory
        var lastHeard: Int64
        var isCurrent = false
        var cursor: String?
        var problem: ClientError?
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        var count = 0
        var onKeys: [@Sendable () -> Void] = []
    }

    init(_ provider: IdentityProvider, options: Options, transport: HTTPTransport) {
        self.provider = provider
        self.options = options
        self.transport = transport
        state = Mutex(
            State(
                memory: ChangeMemory(tokenLifetime: options.tokenLifetime),
                lastHeard: provider.clock.time))
    }

    /// Asks an issuer for its metadata.
    ///
    /// - Parameters:
    ///   - issuer: The address of the issuer, byte for byte as its tokens name it.
    ///   - configuration: What the API is there: a client with the scope `changes`.
    ///   - options: How it follows.
    ///   - clock: What tells the time: `.system`, but for tests.
    ///   - random: Where names of assertions come from, and how long to wait.
    ///   - transport: Through which connections the issuer is asked.
    /// - Returns: What has to be run.
    /// - Throws: ``ClientError``.
    public static func discover(
        _ issuer: String, as configuration: ClientConfiguration, options: Options = Options(),
        clock: ClientClock, random: RandomSource = .system, transport: HTTPTransport = .shared
    ) async throws -> ChangeFollower {
        let provider = try await IdentityProvider.discover(
            issuer, as: configuration, clock: clock, random: random, transport: transport)
        _ = try provider.metadata.address(of: .changeFeed)
        return ChangeFollower(provider, options: options, transport: transport)
    }

    /// The issuer that is followed.
    public var issuer: String { provider.issuer }

    /// Why nothing is heard, if nothing is; nil while all is well.
    public var problem: ClientError? { state.withLock { $0.problem } }

    /// Whether everything is known that the issuer has to tell.
    public var isCurrent: Bool {
        let now = provider.clock.time
        return state.withLock { $0.isCurrent && now <= $0.lastHeard + options.lostAfter }
    }

    /// Waits until everything is known that the issuer has to tell, or until the task is cancelled.
    public func untilCurrent() async {
        let id = state.withLock { state in
            state.count += 1
            return state.count
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.isCurrent || Task.isCancelled { return true }
                    state.waiting[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: id) }?.resume()
        }
    }

    // MARK: What is known

    /// What is known of a token.
    enum Verdict: Sendable, Equatable {
        case upToDate
        case outdated
        /// It has to be found out in another way.
        case unknown
        /// Nothing has been heard for a while.
        case lost(WhenLost)
    }

    func verdict(on claims: JWTClaims) throws(JOSEError) -> Verdict {
        let token = try AccessTraits(claims)
        let now = provider.clock.time
        let (judgement, isLost) = state.withLock { state in
            (state.memory.judge(token), state.lastHeard + options.lostAfter < now)
        }
        return switch judgement {
        case .outdated: .outdated
        case .unknown: .unknown
        case .upToDate: isLost ? .lost(options.whenLost) : .upToDate
        }
    }

    /// Calls the action when a key was deleted.
    func onKeys(_ action: @escaping @Sendable () -> Void) {
        state.withLock { $0.onKeys.append(action) }
    }

    // MARK: What is heard

    var cursor: String? { state.withLock { $0.cursor } }

    func note(_ problem: ClientError) {
        state.withLock {
            $0.problem = problem
            $0.isCurrent = false
        }
    }

    /// Takes what the feed brought.
    func take(_ item: EventStream.Item) throws(ClientError) {
        let now = provider.clock.time
        guard case .event(let event) = item else {
            state.withLock { if $0.isCurrent { $0.lastHeard = now } }
            return
        }
        if let id = event.id {
            guard id.utf8.count <= 256, id.utf8.allSatisfy({ 0x20 < $0 && $0 < 0x7F }) else {
                throw .untrustworthy(.changeFeed)
            }
        }
        switch event.name {
        case "change":
            let change = try FollowedChange(try Self.json(event), now: now)
            let onKeys = state.withLock { state in
                state.memory.take(change, now: now)
                return change.isAboutKeys ? state.onKeys : []
            }
            for action in onKeys { action() }
        case "reset":
            guard let until = try Self.json(event)["issued_until"]?.integer,
                until <= now + ChangeMemory.tolerance
            else { throw .untrustworthy(.changeFeed) }
            state.withLock { $0.memory.reset(until: until) }
        case "current": becomeCurrent()
        // There may be others one day.
        default: break
        }
        state.withLock { state in
            if let id = event.id { state.cursor = id }
            if state.isCurrent { state.lastHeard = now }
        }
    }

    private func becomeCurrent() {
        let waiting = state.withLock { state in
            state.isCurrent = true
            state.problem = nil
            defer { state.waiting = [:] }
            return state.waiting.values.map(\.self)
        }
        for one in waiting { one.resume() }
    }

    private static func json(_ event: EventStream.Event) throws(ClientError) -> JSONObject {
        do throws(JSONError) {
            return try JSONObject(parsing: Array(event.data.utf8))
        } catch {
            throw .untrustworthy(.changeFeed)
        }
    }
}

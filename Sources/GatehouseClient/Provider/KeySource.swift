private import GatehouseEncoding
internal import GatehouseJOSE

/// The public keys of a provider: asked for when they are needed, and kept for a while.
///
/// Anybody can send tokens with made-up keys, so what these make us ask is bounded: for one name
/// once in a while, for all of them not more often than the shortest pause.
actor KeySource {
    private let address: ProviderAddress
    private let transport: HTTPTransport
    private let clock: ClientClock
    private var cached: (keys: JSONWebKeySet, since: Int64)?
    private var fetching: Task<JSONWebKeySet, any Error>?
    private var lastAttempt: Int64?
    /// Why the last attempt brought no keys.
    private var failure: ClientError?
    /// When which name was looked for in vain.
    private var missing: [ExactText: Int64] = [:]

    /// How many seconds keys are kept.
    static let lifetime: Int64 = 600
    /// How many seconds old keys are used when there are no new ones to be had.
    static let patience: Int64 = 24 * 3_600
    /// How many seconds have to pass before the keys are asked for again.
    static let pause: Int64 = 10
    /// How many seconds have to pass before one unknown name makes us ask again.
    static let pauseForName: Int64 = 60
    /// How many names are remembered that were looked for in vain.
    static let mostMissing = 256

    init(_ address: ProviderAddress, transport: HTTPTransport, clock: ClientClock) {
        self.address = address
        self.transport = transport
        self.clock = clock
    }

    /// The payload of a token that the provider signed as one of a type.
    ///
    /// The keys decide the algorithm. A token with a new key makes us look for it once.
    nonisolated func payload(of token: UnverifiedJWS, as type: TokenType) async throws -> [UInt8] {
        let keys = try await current()
        if !keys.contains(token.unverifiedKeyID),
            let renewed = try await renewed(lookingFor: token.unverifiedKeyID)
        {
            return try Self.payload(of: token, as: type, signedBy: renewed)
        }
        return try Self.payload(of: token, as: type, signedBy: keys)
    }

    /// Whether the key of a token is unknown only because it is too early to ask for it.
    func isTooEarly(for token: UnverifiedJWS) -> Bool {
        let name = token.unverifiedKeyID
        return !mayAsk(at: clock.time) && !(cached?.keys.contains(name) ?? false)
            && missing[ExactText(name ?? "")] == nil
    }

    private static func payload(
        of token: UnverifiedJWS, as type: TokenType, signedBy keys: JSONWebKeySet
    ) throws(ClientError) -> [UInt8] {
        do throws(JOSEError) {
            return try token.verified(by: keys, algorithms: Algorithm.allCases, types: [type])
        } catch {
            throw .untrustworthy(TrustCheck(error))
        }
    }

    /// Keys that are not too old.
    private func current() async throws -> JSONWebKeySet {
        let now = clock.time
        if let cached, now < cached.since + Self.lifetime { return cached.keys }
        if let cached, now < cached.since + Self.patience {
            // A provider that is away for a moment must not sign everybody out.
            guard mayAsk(at: now) else { return cached.keys }
            do {
                return try await fetch()
            } catch ClientError.unreachable {
                return cached.keys
            }
        }
        // Whoever has no keys at all does not ask more often than others do.
        guard fetching != nil || mayAsk(at: now) else {
            throw failure ?? .unreachable("The keys could not be fetched.")
        }
        return try await fetch()
    }

    /// New keys, because of a name that is not among those at hand; nil if it is too early to ask.
    private func renewed(lookingFor name: String?) async throws -> JSONWebKeySet? {
        // Somebody else may have found it meanwhile.
        if let cached, cached.keys.contains(name) { return cached.keys }
        let now = clock.time
        let name = ExactText(name ?? "")
        if fetching == nil {
            guard mayAsk(at: now) else { return nil }
            if let since = missing[name], now < since + Self.pauseForName { return nil }
        }
        let keys = try await fetch()
        if !keys.contains(name.text) { remember(missing: name, at: now) }
        return keys
    }

    /// Has the keys fetched again before they are used: one of them is gone.
    func forget() {
        cached = cached.map { ($0.keys, since: clock.time - Self.lifetime) }
        lastAttempt = nil
    }

    private func mayAsk(at now: Int64) -> Bool {
        lastAttempt.map { $0 + Self.pause <= now } ?? true
    }

    private func remember(missing name: ExactText, at now: Int64) {
        if missing.count >= Self.mostMissing {
            missing = missing.filter { now < $0.value + Self.pauseForName }
        }
        if missing.count < Self.mostMissing { missing[name] = now }
    }

    /// Asks for the keys; whoever comes meanwhile waits for the same answer.
    private func fetch() async throws -> JSONWebKeySet {
        if let fetching { return try await fetching.value }
        lastAttempt = clock.time
        let task = Task { [transport, address] in
            let answer = try await transport.send(HTTPTransport.Request(address: address))
            guard answer.status == 200 else {
                throw ClientError.unreachable("The keys could not be fetched.")
            }
            do throws(JOSEError) {
                return try JSONWebKeySet(parsing: answer.body, privateKeys: .skipped)
            } catch {
                throw ClientError.untrustworthy(.keySet)
            }
        }
        fetching = task
        defer { fetching = nil }
        do {
            let keys = try await task.value
            cached = (keys, since: clock.time)
            return keys
        } catch {
            failure = error as? ClientError
            throw error
        }
    }
}

private import FoundationEssentials
internal import GatehouseClient
private import GatehouseEncoding
private import GatehouseProtocol
internal import HTTPTypes

/// The sealed cookies of an app: the attempt to sign in that is under way, and the session.
struct SessionCookies: Sendable {
    /// What a browser that is signed in brings along.
    struct Session: Codable, Sendable {
        /// The name of the session in the app's store.
        var id: String?
        /// The tokens, if there is no store.
        var tokens: TokenSet?
        /// When it ends, whatever the browser does with the cookie, in seconds since 1970.
        let endsAt: Int64
    }

    /// An attempt, and where the browser wanted to go.
    struct Attempt: Codable, Sendable {
        let attempt: AuthorizationAttempt
        let returnPath: String
    }

    let key: SessionKey
    let random: RandomSource
    let clock: ClientClock
    /// How many seconds a session lasts that nobody uses.
    let lifetime: Int64

    /// Several attempts live at once, such as those of several tabs; a new one may take the place
    /// of another.
    private static let attemptNames = (0..<5).map { CookieName("attempt-").adding(String($0)) }
    private static let sessionNames = [CookieName("session"), CookieName("session-more")]
    /// How much fits into one cookie of each browser (RFC 6265 §6.1), beside its name.
    private static let chunk = 3_500
    /// How much of all cookies together is for the session.
    private static let mostBytes = 5_500

    /// Makes a session that begins, or goes on, now.
    func session(id: String?, tokens: TokenSet?) -> Session {
        Session(id: id, tokens: tokens, endsAt: clock.time + lifetime)
    }

    /// The session of a browser; nil if it is over.
    func session(of headers: HTTPFields) -> Session? {
        let cookies = Cookies(lines: headers[values: .cookie])
        guard let first = cookies[Self.sessionNames[0]] else { return nil }
        let session: Session? = open(
            first + (cookies[Self.sessionNames[1]] ?? ""), for: "session")
        return session.flatMap { clock.time < $0.endsAt ? $0 : nil }
    }

    /// The attempt of a browser that an answer belongs to, by its state.
    func attempt(of headers: HTTPFields, state: String) -> Attempt? {
        let cookies = Cookies(lines: headers[values: .cookie])
        for name in Self.attemptNames {
            guard let sealed = cookies[name] else { continue }
            let attempt: Attempt? = open(sealed, for: "attempt")
            if let attempt, attempt.attempt.state.isExactly(state) { return attempt }
        }
        return nil
    }

    /// Gives the browser its session.
    func set(_ session: Session, in headers: inout HTTPFields) throws {
        let sealed = try seal(session, for: "session")
        guard sealed.utf8.count <= Self.mostBytes else {
            throw ClientError.configuration(
                "The tokens are too large for cookies: keep them in a store.")
        }
        let parts = [sealed.prefix(Self.chunk), sealed.dropFirst(Self.chunk)]
        for (name, part) in zip(Self.sessionNames, parts) {
            guard !part.isEmpty else {
                headers.add(SetCookie(removing: name))
                continue
            }
            headers.add(
                SetCookie(
                    name, value: String(part), sameSite: .lax, maxAge: .seconds(lifetime)))
        }
    }

    /// Notes an attempt.
    func set(_ attempt: Attempt, in headers: inout HTTPFields) throws {
        headers.add(
            SetCookie(
                Self.name(for: attempt.attempt.state), value: try seal(attempt, for: "attempt"),
                sameSite: .lax,
                maxAge: .seconds(3_600)))
    }

    /// Takes an attempt away: it is answered once.
    func clear(_ attempt: Attempt, in headers: inout HTTPFields) {
        headers.add(SetCookie(removing: Self.name(for: attempt.attempt.state)))
    }

    private static func name(for state: String) -> CookieName {
        attemptNames[Int(state.utf8.last ?? 0) % attemptNames.count]
    }

    /// Takes the session away.
    func clearSession(in headers: inout HTTPFields) {
        for name in Self.sessionNames { headers.add(SetCookie(removing: name)) }
    }

    private func seal(_ value: some Encodable, for purpose: String) throws -> String {
        try key.seal(Array(JSONEncoder().encode(value)), for: purpose, random: random)
    }

    private func open<Value: Decodable>(_ sealed: String, for purpose: String) -> Value? {
        guard let plain = key.open(sealed, for: purpose) else { return nil }
        // An app of another version may have sealed something else: the browser signs in anew.
        return try? JSONDecoder().decode(Value.self, from: Data(plain))
    }
}

extension HTTPFields {
    fileprivate mutating func add(_ cookie: SetCookie?) {
        guard let cookie else { return }
        append(HTTPField(name: .setCookie, value: cookie.headerValue))
    }
}

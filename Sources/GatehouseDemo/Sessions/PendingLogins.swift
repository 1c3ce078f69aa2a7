import GatehouseClient
import GatehouseEncoding

/// The sign-ins under way, by browser: several tabs may be at it at the same time.
actor PendingLogins {
    /// How long a sign-in may take: an hour, in seconds.
    static let lifetime: Int64 = 3_600

    private static let mostPerBrowser = 5

    private var browsers = ExpiringTable<[AuthorizationAttempt]>(
        capacity: 10_000, lifetime: lifetime)

    /// Whether something is known of a browser.
    func knows(_ browser: String, at now: Int64) -> Bool {
        browsers.value(for: browser, at: now) != nil
    }

    /// Adds an attempt; with too many, the oldest one is forgotten.
    func add(_ attempt: AuthorizationAttempt, of browser: String, at now: Int64) {
        let others = browsers.value(for: browser, at: now) ?? []
        browsers.insert(
            others.suffix(Self.mostPerBrowser - 1) + [attempt], for: browser, at: now)
    }

    /// Takes the attempt with a state away from the browser: an answer is used once.
    func claim(_ state: String, of browser: String, at now: Int64) -> AuthorizationAttempt? {
        guard let attempts = browsers.value(for: browser, at: now),
            let attempt = attempts.first(where: { $0.state.isExactly(state) })
        else { return nil }
        browsers.update(browser, at: now) { attempts in
            attempts.removeAll { $0.state.isExactly(state) }
        }
        return attempt
    }
}

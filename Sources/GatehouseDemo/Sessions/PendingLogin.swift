import GatehouseEncoding

/// A sign-in under way: what the answer has to match.
struct PendingLogin: Sendable {
    /// Ties the answer to the browser (RFC 6749 §10.12).
    let state: String
    /// Ties the ID token to the sign-in (OpenID Connect Core §15.5.2).
    let nonce: String
    /// Ties the code to whoever began (RFC 7636).
    let codeVerifier: String
}

/// The sign-ins under way, by browser: several tabs may be at it at the same time.
actor PendingLogins {
    /// How long a sign-in may take: an hour, in seconds.
    static let lifetime: Int64 = 3_600

    private static let mostPerBrowser = 5

    private var browsers = ExpiringTable<[PendingLogin]>(capacity: 10_000, lifetime: lifetime)

    /// Whether something is known of a browser.
    func knows(_ browser: String, at now: Int64) -> Bool {
        browsers.value(for: browser, at: now) != nil
    }

    /// Adds a login; with too many, the oldest one is forgotten.
    func add(_ login: PendingLogin, of browser: String, at now: Int64) {
        let others = browsers.value(for: browser, at: now) ?? []
        browsers.insert(
            others.suffix(Self.mostPerBrowser - 1) + [login], for: browser, at: now)
    }

    /// Takes the login with a state away from the browser: an answer is used once.
    func claim(_ state: String, of browser: String, at now: Int64) -> PendingLogin? {
        guard let logins = browsers.value(for: browser, at: now),
            let login = logins.first(where: { $0.state.isExactly(state) })
        else { return nil }
        browsers.update(browser, at: now) { logins in
            logins.removeAll { $0.state.isExactly(state) }
        }
        return login
    }
}

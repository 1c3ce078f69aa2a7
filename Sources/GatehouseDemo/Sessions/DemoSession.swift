import GatehouseClient

/// A browser that is signed in at the demo application.
struct DemoSession: Sendable {
    /// What forms of this session bring back, so that no other site can send them.
    let formToken: String
    /// Who signed in, by which tokens.
    var agent: Agent
    /// What happened last and was not shown yet.
    var news: SignedInView.News?
}

/// The sessions of everyone, in memory: a demonstration need not survive its end.
actor DemoSessions {
    /// How long a session lasts: half a day, in seconds.
    static let lifetime: Int64 = 12 * 3_600

    private var sessions = ExpiringTable<DemoSession>(capacity: 10_000, lifetime: lifetime)

    /// Begins a session under a secret that nobody can guess.
    func begin(_ session: DemoSession, under secret: String, at now: Int64) {
        sessions.insert(session, for: secret, at: now)
    }

    /// The session of a browser.
    func find(_ secret: String, at now: Int64) -> DemoSession? {
        sessions.value(for: secret, at: now)
    }

    /// The session of a browser, whose news counts as shown from now on.
    func takeNews(_ secret: String, at now: Int64) -> DemoSession? {
        let session = sessions.value(for: secret, at: now)
        sessions.update(secret, at: now) { $0.news = nil }
        return session
    }

    /// Notes what happened, with new tokens of theirs if there are any.
    func note(
        _ news: SignedInView.News, agent: Agent? = nil, in secret: String, at now: Int64
    ) {
        sessions.update(secret, at: now) { session in
            session.news = news
            if let agent { session.agent = agent }
        }
    }

    /// Ends a session.
    func end(_ secret: String) { sessions.removeValue(for: secret) }
}

/// What a browser proves with its cookies at one tenant.
package struct Browser: Sendable {
    /// The secret that its interactions are bound to.
    package var secret: Secret?
    /// The secrets of its sessions, one for each account that is signed in; the active one first.
    package var sessions: [Secret]
    /// The secret that it got when somebody signed in with it; it says who may be known in it.
    package var device: Secret?

    /// How many accounts can be signed in at once.
    package static let mostSessions = 8

    package init(secret: Secret?, sessions: [Secret], device: Secret? = nil) {
        self.secret = secret
        self.sessions = sessions
        self.device = device
    }

    package init(secret: Secret?, session: Secret?, device: Secret? = nil) {
        self.init(secret: secret, sessions: session.map { [$0] } ?? [], device: device)
    }

    /// The secret of its active session.
    package var session: Secret? { sessions.first }
}

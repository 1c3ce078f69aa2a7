/// What a browser proves with its cookies at one tenant.
package struct Browser: Sendable {
    /// The secret that its interactions are bound to.
    package var secret: Secret?
    /// The secret of its session.
    package var session: Secret?
    /// The secret that it got when somebody signed in with it; it says who may be known in it.
    package var device: Secret?

    package init(secret: Secret?, session: Secret?, device: Secret? = nil) {
        self.secret = secret
        self.session = session
        self.device = device
    }
}

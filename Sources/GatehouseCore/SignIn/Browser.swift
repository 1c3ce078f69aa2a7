/// What a browser proves with its cookies at one tenant.
package struct Browser: Sendable {
    /// The secret that its interactions are bound to.
    package var secret: Secret?
    /// The secret of its session.
    package var session: Secret?

    package init(secret: Secret?, session: Secret?) {
        self.secret = secret
        self.session = session
    }
}

package import GatehouseWeb

/// The page for someone who wants an account where none can be created.
package struct RegistrationClosedView: Sendable {
    /// What the page shares with the rest of its site.
    package var frame: PageFrame
    /// Where someone with an account signs in, if a sign-in is under way.
    package var signIn: Link?

    /// The page.
    package init(frame: PageFrame, signIn: Link?) {
        self.frame = frame
        self.signIn = signIn
    }

    /// The whole page.
    package var document: PageDocument {
        PageDocument(
            frame, title: "Accounts are by invitation",
            body: """
                <h1>Accounts are by invitation</h1>
                <p>New accounts at <bdi>\(frame.siteName)</bdi> are created by its
                administrators. Ask one of them if you need one.</p>
                \(signIn.map { NamedLink("Sign in", $0).button })
                """)
    }
}

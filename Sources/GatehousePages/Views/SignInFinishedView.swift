package import GatehouseWeb

/// The page for someone who comes back to a sign-in that is over, as with the back button.
package struct SignInFinishedView: Sendable {
    /// What the page shares with the rest of its site.
    package var frame: PageFrame
    /// What the person signed in for.
    package var application: ApplicationLabel
    /// The way to the application.
    package var back: NamedLink?

    /// The page.
    package init(frame: PageFrame, application: ApplicationLabel, back: NamedLink?) {
        self.frame = frame
        self.application = application
        self.back = back
    }

    /// The whole page.
    package var document: PageDocument {
        PageDocument(
            frame, title: "This sign-in is finished",
            body: """
                <h1>This sign-in is finished</h1>
                \(application.lede("for"))
                <p>There is nothing left to do on this page.</p>
                \(back?.button)
                """)
    }
}

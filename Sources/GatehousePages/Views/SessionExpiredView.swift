package import GatehouseWeb

/// The page for a sign-in that this browser has no part in, or that is over.
package struct SessionExpiredView: Sendable {
    /// What the page shares with the rest of its site.
    package var frame: PageFrame
    /// The way back to the application, if it is known.
    package var back: NamedLink?

    /// The page.
    package init(frame: PageFrame, back: NamedLink? = nil) {
        self.frame = frame
        self.back = back
    }

    /// The whole page.
    package var document: PageDocument {
        PageDocument(
            frame, title: "This sign-in is over", tone: .problem,
            body: """
                <h1>This sign-in is over</h1>
                <p class="lede">It has expired or was started in another browser.</p>
                <p>\(back == nil ? "Go back to the application and start again." : "Start again.")
                If this keeps happening, check that your browser allows cookies.</p>
                \(back?.button)
                """)
    }
}

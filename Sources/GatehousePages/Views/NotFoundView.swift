package import GatehouseWeb

/// The page for an address at which there is nothing.
package struct NotFoundView: Sendable {
    /// What the page shares with the rest of its site.
    package var frame: PageFrame
    /// A way on, if one is known.
    package var back: NamedLink?

    /// The page.
    package init(frame: PageFrame, back: NamedLink? = nil) {
        self.frame = frame
        self.back = back
    }

    /// The whole page.
    package var document: PageDocument {
        PageDocument(
            frame, title: "Page not found", tone: .problem,
            body: """
                <h1>Page not found</h1>
                <p>There is nothing at this address. It may have been mistyped, or the page has
                moved.</p>
                <p>If you were signing in, go back to the application and start again.</p>
                \(back?.button)
                """)
    }
}

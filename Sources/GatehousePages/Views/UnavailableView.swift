package import GatehouseWeb

/// The page for when the server cannot answer now (503).
package struct UnavailableView: Sendable {
    /// What the page shares with the rest of its site.
    package var frame: PageFrame
    /// The seconds that the `Retry-After` header names.
    package var retryAfter: Int
    /// What happened, for reference.
    package var incident: Incident?

    /// The page.
    package init(frame: PageFrame, retryAfter: Int, incident: Incident? = nil) {
        self.frame = frame
        self.retryAfter = retryAfter
        self.incident = incident
    }

    /// The whole page.
    package var document: PageDocument {
        PageDocument(
            frame, title: "Not available right now", tone: .problem,
            body: """
                <h1>Not available right now</h1>
                <p class="lede">We cannot answer at the moment.</p>
                <p>Try again in \(Wait.words(retryAfter)).</p>
                \(incident?.html)
                """)
    }
}

package import GatehouseWeb

/// The page after a session ended, or was kept.
package struct SignedOutView: Sendable {
    /// What the page shares with the rest of its site.
    package var frame: PageFrame
    /// What happened.
    package var outcome: Outcome
    /// The way back to the application, to an address it has registered.
    package var back: NamedLink?
    /// Whether the application asked to be returned to an address it has not registered.
    package var returnRefused: Bool
    /// The pages of applications that sign the browser out there (OpenID Connect Front-Channel
    /// Logout 1.0).
    package var frames: [Link]

    /// How long the browser waits for these pages, in seconds, before it goes on by itself.
    private static let patience = 5
    /// Goes on as soon as they have loaded.
    private static let script = InlineScript(
        "addEventListener('load',()=>location.replace(document.querySelector('a.button').href))")

    /// What happened to the session.
    package enum Outcome: Sendable, Hashable {
        /// It ended; these accounts are still signed in.
        case ended(remaining: [AccountLabel])
        /// There was none in this browser.
        case noSession
        /// The person chose to keep it.
        case kept(AccountLabel)
    }

    /// The page.
    package init(
        frame: PageFrame, outcome: Outcome, back: NamedLink? = nil, returnRefused: Bool = false,
        frames: [Link] = []
    ) {
        self.frame = frame
        self.outcome = outcome
        self.back = back
        self.returnRefused = returnRefused
        self.frames = frames
    }

    /// The whole page.
    package var document: PageDocument {
        var document = PageDocument(
            frame, title: title,
            body: """
                <h1>\(title)</h1>
                \(explanation)
                \(returnRefused ? refusal : nil)
                \(back?.button)
                \(frames.map(Self.element))
                """)
        if !frames.isEmpty, let back {
            document.onward = PageDocument.Onward(to: back.link, after: Self.patience)
            document.script = Self.script
        }
        return document
    }

    /// A frame that nobody sees: it can use its own cookies and scripts, and cannot lead the browser
    /// anywhere.
    private static func element(_ link: Link) -> HTML {
        """
        <iframe hidden title="Sign-out" sandbox="allow-scripts allow-same-origin"\(src: link)>\
        </iframe>
        """
    }

    private var title: String {
        switch outcome {
        case .ended: "You are signed out"
        case .noSession: "You are not signed in"
        case .kept: "You are still signed in"
        }
    }

    private var explanation: HTML {
        switch outcome {
        case .ended where !frames.isEmpty:
            """
            <p>Your session at <bdi>\(frame.siteName)</bdi> has ended in this browser, and the
            applications that you used are being told.</p>
            """
        case .ended(let remaining):
            """
            <p>Your session at <bdi>\(frame.siteName)</bdi> has ended in this browser. An
            application that you have open may keep a session of its own; sign out there too if
            others use this device.</p>\(remaining.isEmpty ? nil : Self.still)
            \(remaining.map(\.card))
            """
        case .noSession:
            "<p>There is no session at <bdi>\(frame.siteName)</bdi> in this browser to end.</p>"
        case .kept(let account):
            "<p>Nothing has changed.</p>\(account.card)"
        }
    }

    private static let still: HTML = "\n<p>Still signed in in this browser:</p>"

    private var refusal: HTML {
        Alert.note(
            """
            The application asked to send you back to an address it has not registered, so you \
            stay here.
            """)
    }
}

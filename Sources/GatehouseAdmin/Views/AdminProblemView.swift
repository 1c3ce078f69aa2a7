package import GatehouseWeb

/// The page for an administration that cannot be opened.
package struct AdminProblemView: Sendable {
    /// What the page shares with the rest of its site.
    package var frame: PageFrame
    /// Why it cannot be opened.
    package var problem: Problem
    /// The command that makes a new link.
    package var command: String

    /// Why the administration cannot be opened.
    package enum Problem: Sendable, Hashable {
        /// The link was used, has expired or never existed; the page does not say which.
        case linkSpent
        /// The administrator's session in this browser has ended, or there was none.
        case signedOut
    }

    /// The page.
    package init(
        frame: PageFrame, problem: Problem, command: String = "gatehouse admin link --data DIR"
    ) {
        self.frame = frame
        self.problem = problem
        self.command = command
    }

    /// The whole page.
    package var document: PageDocument {
        PageDocument(
            frame, title: title, tone: .problem,
            body: """
                <h1>\(title)</h1>
                <p class="lede">\(sentence)</p>
                <p>On the server, run this and open the link it prints:</p>
                <p class="token"><code class="copy">\(command)</code></p>
                """)
    }

    private var title: String {
        switch problem {
        case .linkSpent: "This link does not work any more"
        case .signedOut: "You are not signed in"
        }
    }

    private var sentence: HTML {
        switch problem {
        case .linkSpent: "It has been used already, or it has expired. Each link opens once."
        case .signedOut: "The administration opens with a one-time link, and none is in use here."
        }
    }
}

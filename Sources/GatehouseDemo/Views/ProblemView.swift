package import GatehouseWeb

/// The page of the demo application for a sign-in that did not work out.
package struct ProblemView: Sendable {
    /// What the page shares with the rest of its site.
    package var frame: PageFrame
    /// What happened.
    package var problem: Problem
    /// Where to start again.
    package var again: Link

    /// What happened to a sign-in.
    package enum Problem: Sendable, Hashable {
        /// Gatehouse answered with an error, in the words of OAuth.
        case answered(code: String, description: String?)
        /// The answer does not belong to a sign-in that this browser started.
        case foreignAnswer
        /// A form was not sent from a page that we showed to this browser.
        case foreignForm
        /// The tokens did not pass a check, which is named.
        case untrustworthy(check: String)
        /// Gatehouse could not be reached.
        case unreachable
        /// There is nothing at this address.
        case notFound
    }

    /// The page.
    package init(frame: PageFrame, problem: Problem, again: Link) {
        self.frame = frame
        self.problem = problem
        self.again = again
    }

    /// The whole page.
    package var document: PageDocument {
        PageDocument(
            frame, title: problem.title, tone: .problem,
            body: """
                <h1>\(problem.title)</h1>
                \(problem.details)
                \(NamedLink("Start again", again).button)
                """)
    }
}

extension ProblemView.Problem {
    fileprivate var title: String {
        switch self {
        case .answered(code: "access_denied", _): "You did not sign in"
        case .answered: "Gatehouse could not sign you in"
        case .foreignAnswer: "This answer is not for us"
        case .foreignForm: "This form is out of date"
        case .untrustworthy: "We do not trust this answer"
        case .unreachable: "Gatehouse does not answer"
        case .notFound: "Page not found"
        }
    }

    fileprivate var details: HTML {
        switch self {
        case .answered(let code, let description):
            """
            <p>It answered <code>\(code)</code>.</p>
            \(description.map { "<p>In its words: <q><bdi>\($0)</bdi></q></p>" })
            """
        case .foreignAnswer:
            """
            <p>It belongs to no sign-in that was started in this browser, so it was not used. This
            happens when a page is reloaded or a link from elsewhere is opened.</p>
            """
        case .foreignForm:
            """
            <p>It was not sent from the page that this browser was shown last, so nothing was done.
            This happens when you signed in again in another tab.</p>
            """
        case .untrustworthy(let check):
            "<p>The tokens did not pass this check, so they were thrown away: \(check)</p>"
        case .unreachable: "<p>Is it running? Look at the terminal it was started in.</p>"
        case .notFound: "<p>There is nothing at this address.</p>"
        }
    }
}

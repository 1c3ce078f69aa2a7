import GatehouseWeb
import HTTPTypes

/// What the portal says where it cannot show or do something.
struct PortalProblemView: Sendable {
    let title: String
    let status: HTTPResponse.Status
    let retryAfter: Int?
    /// True if it is a fault of ours.
    let isFault: Bool
    private let sentence: String
    private let incident: String
    private let home: Link

    init(_ error: any Error, incident: String, home: Link) {
        self.incident = incident
        self.home = home
        switch error {
        case PortalRefusal.foreignForm:
            title = "This form is not from here"
            sentence = "It was not sent by a page of this browser, so nothing was done."
            (status, retryAfter, isFault) = (.forbidden, nil, false)
        case PortalRefusal.stale:
            title = "Sign in again first"
            sentence = """
                What cannot be undone is open for 15 minutes after you sign in. Nothing was done.
                """
            (status, retryAfter, isFault) = (.forbidden, nil, false)
        default:
            let problem = Problem(error, at: nil)
            title = Self.titles[problem.code] ?? "This was not done"
            sentence = problem.detail
            status = problem.code.status
            retryAfter = problem.retryAfter
            isFault = problem.code == .failed
        }
    }

    private static let titles: [Problem.Code: String] = [
        .notFound: "There is no such thing here", .roleRequired: "Your role is not enough",
        .installationRequired: "This concerns the whole installation",
        .unavailable: "We cannot answer just now", .failed: "Something went wrong",
    ]

    var html: HTML {
        """
        <section class="hero">
        <h1>\(title)</h1>
        <p class="lede">\(sentence)</p>
        <p><a\(href: home)>To the overview</a></p>
        <p class="reading">Incident <code class="copy">\(incident)</code></p>
        </section>
        """
    }
}

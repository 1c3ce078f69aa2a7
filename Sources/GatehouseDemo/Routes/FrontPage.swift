import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// The front page: an invitation, or what was told about the person who signed in.
struct FrontPage: Sendable {
    let site: DemoSite

    func get(_ request: Request, _ context: EdgeContext) async throws -> Response {
        let now = site.now()
        guard let secret = DemoCookies.session(of: request.headers),
            let session = await site.sessions.takeNews(secret, at: now)
        else { return .page(welcome.document) }
        let reading = TokenReading(agent: session.agent, now: now)
        let view = SignedInView(
            frame: site.frame, person: reading.person, tokens: reading.shown,
            actions: actions(of: session), news: session.news)
        return .page(view.document, formTargets: signOutTargets)
    }

    /// The page of the mails, which nothing sends yet.
    func mailbox(_ request: Request, _ context: EdgeContext) -> Response {
        .page(MailboxView(frame: site.frame, mails: []).document)
    }

    /// The answer where there is no page.
    func missing(_ request: Request, _ context: EdgeContext) throws -> Response {
        throw ProblemView.Problem.notFound
    }

    private var welcome: HomeView {
        HomeView(
            frame: site.frame, signIn: "/sign-in", createAccount: "/sign-in?create=1",
            mailbox: "/mailbox", users: site.settings.users)
    }

    private func actions(of session: DemoSession) -> SignedInView.Actions {
        SignedInView.Actions(
            refresh: PostForm(action: "/refresh", csrf: session.formToken),
            callAPI: PostForm(action: "/call-api", csrf: session.formToken),
            signOut: PostForm(action: "/sign-out", csrf: session.formToken))
    }

    /// Signing out leads to the provider, and browsers ask the page whether it may.
    private var signOutTargets: [FormTarget] {
        let provider = WebAddress(parsing: site.settings.issuer)
        return provider.flatMap { FormTarget(origin: $0.origin) }.map { [$0] } ?? []
    }
}

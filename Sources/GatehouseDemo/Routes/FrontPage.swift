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

    /// The page of the mails that Gatehouse would send.
    func mailbox(_ request: Request, _ context: EdgeContext) -> Response {
        let mails = site.mailbox()
        // Counted from the oldest, so that a mail keeps its address.
        let entries = mails.enumerated().map { index, mail in
            MailboxView.Entry(
                subject: NamedLink(
                    mail.subject, Link(path: "/mailbox/\(mails.count - index)") ?? "/mailbox"),
                recipient: mail.recipient, time: mail.time)
        }
        return .page(MailboxView(frame: site.frame, mails: entries).document)
    }

    /// The page of one mail.
    func mail(_ request: Request, _ context: EdgeContext) throws -> Response {
        let mails = site.mailbox()
        guard let number = context.parameters.get("mail", as: Int.self),
            (1...max(mails.count, 1)).contains(number), !mails.isEmpty
        else { throw ProblemView.Problem.notFound }
        return .page(MailView(frame: site.frame, mail: mails[mails.count - number]).document)
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

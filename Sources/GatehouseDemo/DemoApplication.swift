package import AsyncHTTPClient
import GatehouseClient
package import GatehouseWeb
package import Hummingbird

/// A small application that leaves sign-in to Gatehouse, and shows what it gets.
///
/// It knows Gatehouse as any application would: by an issuer and a client's credentials, over
/// HTTP. GatehouseClient does what is protocol; `Sessions/` is what the app remembers, `Routes/` its own
/// pages, and `Reading/` puts tokens into words.
package struct DemoApplication: Sendable {
    private let site: DemoSite
    private let assets: StaticAssets

    /// Makes the application.
    ///
    /// - Parameters:
    ///   - settings: Whom it trusts and who it is.
    ///   - assets: What its pages load, at paths of its own address.
    ///   - mailbox: Tells which mails were caught, newest first.
    ///   - httpClient: A client with ``clientConfiguration``, for calls to the API.
    ///   - now: Tells the time in seconds since 1970.
    ///   - random: Yields so many bytes that nobody can foretell.
    package init(
        settings: DemoSettings, assets: StaticAssets,
        mailbox: @escaping @Sendable () -> [DemoMail], httpClient: HTTPClient,
        now: @escaping @Sendable () -> Int64, random: @escaping @Sendable (Int) -> [UInt8]
    ) {
        let provider = Provider(
            settings: settings,
            clock: ClientClock(read: now, wait: { try await Task.sleep(for: .seconds($0)) }),
            random: RandomSource(random))
        self.assets = assets
        site = DemoSite(
            settings: settings,
            frame: PageFrame(
                siteName: settings.name, stylesheet: assets.stylesheet, icon: assets.icon,
                home: "/"),
            provider: provider, outbound: Outbound(client: httpClient), mailbox: mailbox, now: now,
            random: random)
    }

    /// Adds every page, the protected API and the assets.
    package func addRoutes(to router: some RouterMethods<EdgeContext>) {
        assets.addRoutes(to: router)
        router.get(RouterPath(WhoAmI.path), use: WhoAmI(site: site).get)
        let pages = router.group().add(middleware: ProblemAnswer(frame: site.frame))
        let front = FrontPage(site: site)
        pages.get("/", use: front.get)
        pages.get("/mailbox", use: front.mailbox)
        pages.get("/mailbox/:mail", use: front.mail)
        let signIn = SignInRoutes(site: site)
        pages.get("/sign-in", use: signIn.begin)
        pages.get("/callback", use: signIn.finish)
        let session = SessionRoutes(site: site)
        pages.post("/refresh", use: session.refresh)
        pages.post("/call-api", use: session.callAPI)
        pages.post("/sign-out", use: session.signOut)
        pages.get("/**", use: front.missing)
    }
}

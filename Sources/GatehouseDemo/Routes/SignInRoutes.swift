import GatehouseClient
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird
import Logging

/// The way to the provider and back.
struct SignInRoutes: Sendable {
    let site: DemoSite

    /// Sends the browser to the provider.
    func begin(_ request: Request, _ context: EdgeContext) async throws -> Response {
        let now = site.now()
        let createsAccount = try request.queryParameters()[.create] != nil
        var options = AuthorizationOptions(scopes: DemoSettings.scopes)
        options.prompt = createsAccount ? .create : nil
        let attempt = try await site.provider.relyingParty().authorizationURL(options)
        let browser = await knownBrowser(request, at: now) ?? site.newSecret()
        await site.logins.add(attempt, of: browser, at: now)
        return .seeOther(attempt.url, cookies: [DemoCookies.set(browser: browser)])
    }

    /// Takes the answer that the browser brings back, and begins a session.
    func finish(_ request: Request, _ context: EdgeContext) async throws -> Response {
        let now = site.now()
        guard let state = try request.queryParameters()[.state],
            let browser = DemoCookies.browser(of: request.headers),
            let attempt = await site.logins.claim(state, of: browser, at: now)
        else { throw ProblemView.Problem.foreignAnswer }
        let agent = try await site.provider.relyingParty()
            .exchange(callback: request.uri.query ?? "", for: attempt)
        // A session never goes on under the secret that the browser had before.
        if let former = DemoCookies.session(of: request.headers) { await site.sessions.end(former) }
        let secret = site.newSecret()
        let session = DemoSession(formToken: site.newSecret(), agent: agent)
        await site.sessions.begin(session, under: secret, at: now)
        context.logger.info("signed in to the demo")
        return .seeOther("/", cookies: [DemoCookies.set(session: secret)])
    }

    /// The browser's secret, if we gave it one and still know it.
    private func knownBrowser(_ request: Request, at now: Int64) async -> String? {
        guard let browser = DemoCookies.browser(of: request.headers),
            await site.logins.knows(browser, at: now)
        else { return nil }
        return browser
    }
}

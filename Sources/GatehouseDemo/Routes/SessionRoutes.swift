import GatehouseClient
import GatehouseWeb
import HTTPTypes
import Hummingbird
import Logging

/// What someone who is signed in can do.
///
/// Each action notes its news and leads back to the front page, so that reloading repeats nothing.
struct SessionRoutes: Sendable {
    let site: DemoSite

    /// Gets new tokens and notes what changed.
    func refresh(_ request: Request, _ context: EdgeContext) async throws -> Response {
        let now = site.now()
        guard let (secret, session) = try await site.session(posting: request, at: now) else {
            return .seeOther("/")
        }
        do {
            let provider = try await site.provider.relyingParty()
            let agent = try await provider.agent(from: provider.refresh(session.agent.tokens))
            let changes = TokenChanges(before: session.agent, after: agent).all
            await site.sessions.note(.refreshed(changes), agent: agent, in: secret, at: now)
        } catch ClientError.refresh(let refusal) {
            await site.sessions.note(.refused(code: refusal.code), in: secret, at: now)
        } catch ClientError.tokenExpired {
            // There is no refresh token, so nothing changes.
        }
        return .seeOther("/")
    }

    /// Calls the protected API with the access token and notes what it answered.
    func callAPI(_ request: Request, _ context: EdgeContext) async throws -> Response {
        let now = site.now()
        guard let (secret, session) = try await site.session(posting: request, at: now) else {
            return .seeOther("/")
        }
        let answer = try await site.outbound.get(
            site.settings.apiURL, authorization: "Bearer " + session.agent.tokens.accessToken)
        let news = SignedInView.APIAnswer(
            request: "GET \(WhoAmI.path)", status: answer.status, challenge: answer.challenge,
            body: String(decoding: answer.body, as: UTF8.self))
        await site.sessions.note(.answered(news), in: secret, at: now)
        return .seeOther("/")
    }

    /// Ends the session here, whatever happens next, and then at the provider.
    func signOut(_ request: Request, _ context: EdgeContext) async throws -> Response {
        let now = site.now()
        guard let (secret, session) = try await site.session(posting: request, at: now) else {
            return .seeOther("/", cookies: [DemoCookies.clearSession])
        }
        await site.sessions.end(secret)
        context.logger.info("signed out of the demo")
        let address = try await site.provider.relyingParty().logoutURL(
            for: session.agent.tokens, redirectURI: site.settings.postLogoutRedirectURI)
        return .seeOther(address, cookies: [DemoCookies.clearSession])
    }
}

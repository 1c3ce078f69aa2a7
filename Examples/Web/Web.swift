import AsyncHTTPClient
import Foundation
import GatehouseClient
import GatehouseHummingbird
import Hummingbird

/// What a request of the web app knows.
struct WebContext: SignedInContext {
    var coreContext: CoreRequestContextStorage
    var agent: Agent?

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
    }
}

/// A web app that leaves sign-in to Gatehouse, and calls an API for whoever is signed in.
@main struct Web {
    static func main() async throws {
        let environment = ProcessInfo.processInfo.environment
        let port = Int(environment["PORT"] ?? "") ?? 8090
        let api = environment["API_URL"] ?? "http://127.0.0.1:8091"

        var configuration = ClientConfiguration(
            clientID: environment["CLIENT_ID"] ?? "",
            credential: .secret(environment["CLIENT_SECRET"] ?? ""),
            redirectURI: "http://127.0.0.1:\(port)/callback")
        configuration.resources = [environment["API_IDENTIFIER"] ?? api]
        let provider = try await IdentityProvider.discover(
            environment["ISSUER"] ?? "", as: configuration, clock: .system)

        let signIn = SignIn(
            provider, key: try SessionKey(base64: environment["SESSION_KEY"] ?? ""),
            options: AuthorizationOptions(
                scopes: ["openid", "profile", "email", "offline_access", "projects:read"]))

        let router = Router(context: WebContext.self)
        signIn.addRoutes(to: router)
        router.get("/") { _, _ in "Welcome. Sign in at /login.\n" }

        let people = router.group().add(middleware: RequireSignIn(signIn))
        people.get("/dashboard") { _, context in
            guard let agent = context.agent else { throw HTTPError(.unauthorized) }
            let places = agent.organizations.map(\.id).joined(separator: ", ")
            return "Hello \(agent.profile.name ?? agent.subject). Organizations: [\(places)]\n"
        }

        people.post("/orgs/:org/projects") { _, context in
            guard let agent = context.agent else { throw HTTPError(.unauthorized) }
            let organization = try context.parameters.require("org")
            guard agent.hasAccess(in: organization, "write", to: "projects") else {
                throw HTTPError(.forbidden, message: "insufficient_scope")
            }
            return "A new project of \(organization).\n"
        }

        people.get("/projects") { _, context in
            guard let agent = context.agent else { throw HTTPError(.unauthorized) }
            var request = HTTPClientRequest(url: api + "/projects")
            request.headers.add(
                name: "authorization", value: "Bearer \(agent.tokens.accessToken)")
            let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(5))
            let body = try await answer.body.collect(upTo: 64 * 1024)
            return Response(
                status: .init(code: Int(answer.status.code)),
                body: ResponseBody(byteBuffer: body))
        }

        let application = Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)))
        try await application.runService()
    }
}

import Foundation
import GatehouseClient
import GatehouseHummingbird
import Hummingbird

/// What a request of the app knows.
struct AppContext: SignedInContext {
    var coreContext: CoreRequestContextStorage
    var agent: Agent?

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
    }
}

@main struct App {
    static func main() async throws {
        let secret =
            ProcessInfo.processInfo.environment["GATEHOUSE_CLIENT_SECRET"] ?? ""
        let configuration = ClientConfiguration(
            clientID: "client_00000000000000000000000000",
            credential: .secret(secret),
            redirectURI: "http://127.0.0.1:3000/callback")
        let provider = try await IdentityProvider.discover(
            "https://id.example.com/t/acme", as: configuration, clock: .system)

        var paths = SignIn.Paths()
        paths.callback = "/callback"
        let key = ProcessInfo.processInfo.environment["SESSION_KEY"] ?? ""
        let signIn = SignIn(
            provider, key: try SessionKey(base64: key),
            options: AuthorizationOptions(scopes: ["openid", "profile"]), paths: paths)

        let router = Router(context: AppContext.self)
        signIn.addRoutes(to: router)
        let people = router.group().add(middleware: RequireSignIn(signIn))
        people.get("/") { _, context in
            "Hello \(context.agent?.profile.name ?? "somebody")\n"
        }
        try await Application(
            router: router,
            configuration: ApplicationConfiguration(
                address: .hostname("127.0.0.1", port: 3000))
        ).runService()
    }
}

import Foundation
import GatehouseClient
import GatehouseHummingbird
import Hummingbird

/// What a request of the API knows.
struct APIContext: TokenContext {
    var coreContext: CoreRequestContextStorage
    var token: VerifiedToken?

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
    }
}

/// An API that takes the access tokens of one issuer.
@main struct API {
    static func main() async throws {
        let environment = ProcessInfo.processInfo.environment
        let port = Int(environment["PORT"] ?? "") ?? 8091
        let address = "http://127.0.0.1:\(port)"

        var configuration = VerifierConfiguration(
            audience: environment["API_IDENTIFIER"] ?? address)
        if let clientID = environment["API_CLIENT_ID"] {
            configuration.introspection = .always(
                clientID: clientID, credential: .secret(environment["API_CLIENT_SECRET"] ?? ""))
        }
        let verifier = try await TokenVerifier.discover(
            environment["ISSUER"] ?? "", configuration, clock: .system)
        let changes = try await follower(environment)
        let resource = ProtectedResource(
            at: address, verifier: verifier, changes: changes, scopes: ["projects:read"])

        let router = Router(context: APIContext.self)
        resource.addRoutes(to: router)

        let readers = router.group()
            .add(middleware: RequireToken(for: resource, scope: "projects:read"))
        readers.get("/projects") { _, context in
            "The projects of \(context.token?.subject ?? "nobody").\n"
        }

        let writers = router.group()
            .add(
                middleware: RequireToken(for: resource, to: "write", "projects") { _, context in
                    context.parameters.get("org")
                })
        writers.post("/orgs/:org/projects") { _, context in
            "A new project of \(try context.parameters.require("org")).\n"
        }

        let application = Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)))
        async let _: Void? = changes?.run()
        try await application.runService()
    }

    /// What hears at once that somebody was removed, if the API has a client for that.
    private static func follower(_ environment: [String: String]) async throws -> ChangeFollower? {
        guard let clientID = environment["FEED_CLIENT_ID"] else { return nil }
        return try await ChangeFollower.discover(
            environment["ISSUER"] ?? "",
            as: ClientConfiguration(
                clientID: clientID, credential: .secret(environment["FEED_CLIENT_SECRET"] ?? "")),
            clock: .system)
    }
}

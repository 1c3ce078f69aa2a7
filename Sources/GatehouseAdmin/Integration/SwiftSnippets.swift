import GatehouseCore

/// Code upon the Swift SDK of this project, which the tests compile.
extension IntegrationSnippet {
    private static let package =
        "The package is the one of this project: GatehouseClient, and GatehouseHummingbird for web apps."

    static func swiftWeb(_ facts: IntegrationFacts) -> IntegrationSnippet {
        IntegrationSnippet(
            id: "swift", title: "Swift (Hummingbird)", language: "swift",
            file: "Sources/App/App.swift", install: "", code: facts.swiftWebApp,
            notes: [
                package, facts.pathNote("paths.callback"),
                "SESSION_KEY is 32 random bytes in base64: openssl rand -base64 32",
            ], evidence: .compiled)
    }

    static func swiftNative(_ facts: IntegrationFacts) -> IntegrationSnippet {
        IntegrationSnippet(
            id: "swift", title: "Swift", language: "swift",
            file: "Sources/App/SignIn.swift", install: "", code: facts.swiftNativeApp,
            notes: [
                package, facts.pathNote("the address that the app is opened by"),
                "Show the address in the system's browser, such as by ASWebAuthenticationSession.",
            ], evidence: .compiled)
    }

    static func swiftMachine(_ facts: IntegrationFacts) -> IntegrationSnippet {
        IntegrationSnippet(
            id: "swift", title: "Swift", language: "swift",
            file: "Sources/App/Token.swift", install: "", code: facts.swiftMachine,
            notes: [package, "Keep the token until a minute before its end."],
            evidence: .compiled)
    }
}

extension IntegrationFacts {
    private var swiftCredential: String {
        switch proof {
        case .secretInHeader: ".secret(secret)"
        case .secretInForm: ".secretInForm(secret)"
        case .none, .key: ".none"
        }
    }

    private var swiftResources: String {
        resource.map { "\n        configuration.resources = [\(CodeLiteral.swift($0))]" } ?? ""
    }

    private var swiftScopes: String {
        "[" + scope.map(CodeLiteral.swift).joined(separator: ", ") + "]"
    }

    /// The configuration, with what the client has to be told of.
    private var swiftConfiguration: String {
        """
        \(swiftSecret)        \(resource == nil ? "let" : "var") configuration = ClientConfiguration(
                    clientID: \(CodeLiteral.swift(clientID)),
                    credential: \(swiftCredential)\(swiftRedirect))\(swiftResources)
        """
    }

    private var swiftSecret: String {
        guard hasSecret else { return "" }
        return """
                    let secret =
                        ProcessInfo.processInfo.environment["\(Self.secretName)"] ?? ""

            """
    }

    private var swiftRedirect: String {
        kind == .machine
            ? "" : ",\n            redirectURI: \(CodeLiteral.swift(callback))"
    }

    fileprivate var swiftWebApp: String {
        """
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
        \(swiftConfiguration)
                let provider = try await IdentityProvider.discover(
                    \(CodeLiteral.swift(issuer)), as: configuration, clock: .system)

                var paths = SignIn.Paths()
                paths.callback = \(CodeLiteral.swift(callbackPath))
                let key = ProcessInfo.processInfo.environment["SESSION_KEY"] ?? ""
                let signIn = SignIn(
                    provider, key: try SessionKey(base64: key),
                    options: AuthorizationOptions(scopes: \(swiftScopes)), paths: paths\(swiftLogout))

                let router = Router(context: AppContext.self)
                signIn.addRoutes(to: router)
                let people = router.group().add(middleware: RequireSignIn(signIn))
                people.get("/") { _, context in
                    "Hello \\(context.agent?.profile.name ?? "somebody")\\n"
                }
                try await Application(
                    router: router,
                    configuration: ApplicationConfiguration(
                        address: .hostname("127.0.0.1", port: \(port ?? 3000)))
                ).runService()
            }
        }

        """
    }

    private var swiftLogout: String {
        postLogoutRedirectURI.map { ",\n            signedOutURI: \(CodeLiteral.swift($0))" } ?? ""
    }

    fileprivate var swiftNativeApp: String {
        """
        import Foundation
        import GatehouseClient

        /// Signs somebody in: `show` opens an address in the browser and returns the one it came back to.
        struct PersonSignIn {
            let show: (String) async throws -> String

            func agent() async throws -> Agent {
        \(swiftConfiguration)
                let provider = try await IdentityProvider.discover(
                    \(CodeLiteral.swift(issuer)), as: configuration, clock: .system)
                let attempt = try await provider.authorizationURL(
                    AuthorizationOptions(scopes: \(swiftScopes)))
                let callback = try await show(attempt.url)
                return try await provider.exchange(callback: callback, for: attempt)
            }
        }

        """
    }

    fileprivate var swiftMachine: String {
        """
        import Foundation
        import GatehouseClient

        /// A token for the app itself.
        struct OwnToken {
            func issue() async throws -> IssuedToken {
        \(swiftConfiguration)
                let provider = try await IdentityProvider.discover(
                    \(CodeLiteral.swift(issuer)), as: configuration, clock: .system)
                return try await provider.clientCredentials(scopes: \(swiftScopes))
            }
        }

        """
    }
}

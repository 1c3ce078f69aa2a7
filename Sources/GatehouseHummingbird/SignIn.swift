public import GatehouseClient
private import GatehouseEncoding
private import GatehouseProtocol
private import HTTPTypes
public import Hummingbird
private import Logging

/// Sign-in for a web app: the routes that lead to the provider and back, and the sessions that come
/// of it.
///
/// Add its routes to the router, and put ``RequireSignIn`` before what only people who are signed
/// in may see.
public struct SignIn: Sendable {
    /// The paths at which an app signs people in and out.
    public struct Paths: Sendable {
        /// Where signing in begins.
        public var signIn = "/login"
        /// Where the provider sends the browser back to: the path of the redirect URI.
        public var callback = "/callback"
        /// Where a form is posted to sign out.
        public var signOut = "/logout"
        /// Where the browser goes afterwards.
        public var home = "/"

        /// The usual paths.
        public init() {}
    }

    let provider: IdentityProvider
    let cookies: SessionCookies
    let store: (any TokenStore)?
    /// The paths.
    public let paths: Paths
    private let options: AuthorizationOptions
    private let random: RandomSource
    private let signedOutURI: String?

    /// Signs people in at a provider.
    ///
    /// - Parameters:
    ///   - provider: Where they sign in.
    ///   - key: What the cookies are sealed with.
    ///   - options: What the app asks for.
    ///   - paths: Where the routes are.
    ///   - store: Where tokens are kept; nil for the browser's sealed cookies.
    ///   - signedOutURI: Where the provider sends the browser after signing out; registered there.
    ///   - lifetime: How many seconds a session lasts that nobody uses.
    ///   - random: Where what nobody can foretell comes from.
    public init(
        _ provider: IdentityProvider, key: SessionKey,
        options: AuthorizationOptions = AuthorizationOptions(), paths: Paths = Paths(),
        store: (any TokenStore)? = nil, signedOutURI: String? = nil,
        lifetime: Int64 = 30 * 24 * 3_600, random: RandomSource = .system
    ) {
        self.provider = provider
        self.options = options
        self.paths = paths
        self.store = store
        self.signedOutURI = signedOutURI
        self.random = random
        cookies = SessionCookies(
            key: key, random: random, clock: provider.clock, lifetime: lifetime)
    }

    /// Adds the routes.
    public func addRoutes<Context: RequestContext>(to router: some RouterMethods<Context>) {
        router.get(RouterPath(paths.signIn)) { request, _ in try await begin(request) }
        router.get(RouterPath(paths.callback)) { request, context in
            await finish(request, context.logger)
        }
        router.post(RouterPath(paths.signOut)) { request, context in
            await signOut(request, context.logger)
        }
    }

    /// Sends the browser to the provider; `return_to` is a path of the app to come back to.
    private func begin(_ request: Request) async throws -> Response {
        // A query that cannot be read asks for nothing.
        let query = try? FormParameters(decoding: (request.uri.query ?? "").utf8)
        let attempt = try await provider.authorizationURL(options)
        var response = Self.seeOther(attempt.url)
        try cookies.set(
            SessionCookies.Attempt(
                attempt: attempt.begun, returnPath: localPath(query?["return_to"]) ?? paths.home),
            in: &response.headers)
        return response
    }

    /// Takes what the browser brought back, and begins a session.
    ///
    /// A session never goes on under the name that the browser had before.
    private func finish(_ request: Request, _ logger: Logger) async -> Response {
        // A query that cannot be read answers nothing.
        let query = try? FormParameters(decoding: (request.uri.query ?? "").utf8)
        // What answers none of the attempts leaves them as they are: anybody can make it up.
        let kept = query?["state"].flatMap { cookies.attempt(of: request.headers, state: $0) }
        do {
            guard let kept else { throw ClientError.callback(.state) }
            let agent = try await provider.exchange(
                callback: request.uri.query ?? "", for: kept.attempt)
            try await end(cookies.session(of: request.headers))
            var response = Self.seeOther(kept.returnPath)
            try await begin(with: agent.tokens, in: &response)
            cookies.clear(kept, in: &response.headers)
            return response
        } catch {
            logger.info(
                "sign-in failed", metadata: ["reason": .string("\(error)")])
            var response = Response(
                status: .badRequest,
                headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
                body: ResponseBody(
                    byteBuffer: .init(string: "Signing in did not work. Please try again.\n")))
            if let kept { cookies.clear(kept, in: &response.headers) }
            return response
        }
    }

    private func begin(with tokens: TokenSet, in response: inout Response) async throws {
        guard let store else {
            try cookies.set(
                cookies.session(id: nil, tokens: tokens), in: &response.headers)
            return
        }
        let id = Base64URL.encode(random.bytes(32))
        try await store.keep(tokens, of: id)
        try cookies.set(cookies.session(id: id, tokens: nil), in: &response.headers)
    }

    /// Ends the session here, whatever happens next, then the tokens, and then the session at the
    /// provider.
    private func signOut(_ request: Request, _ logger: Logger) async -> Response {
        guard isOfThisApp(request) else { return Response(status: .forbidden) }
        var response = Self.seeOther(paths.home)
        guard let session = cookies.session(of: request.headers) else { return response }
        cookies.clearSession(in: &response.headers)
        let found = await trying(logger) { try await tokens(of: session) }
        await trying(logger) { try await end(session) }
        guard case .some(let tokens?) = found else { return response }
        // What a copy of the cookie holds is worthless from here on.
        if tokens.refreshToken != nil { await trying(logger) { try await provider.revoke(tokens) } }
        // Without such an endpoint, signing out here is all that can be done.
        let elsewhere = try? provider.logoutURL(for: tokens, redirectURI: signedOutURI)
        response.headers[.location] = elsewhere ?? paths.home
        return response
    }

    /// Does one part of signing out: if it fails, the others are done all the same.
    @discardableResult private func trying<Result>(
        _ logger: Logger, _ body: () async throws -> Result
    ) async -> Result? {
        do {
            return try await body()
        } catch {
            logger.error("signing out is not complete", metadata: ["reason": .string("\(error)")])
            return nil
        }
    }

    /// Whether a form was posted by a page of this app, or by no page at all.
    private func isOfThisApp(_ request: Request) -> Bool {
        if let name = HTTPField.Name("Sec-Fetch-Site"), let site = request.headers[name] {
            return site.isExactly("same-origin") || site.isExactly("none")
        }
        guard let origin = request.headers[.origin] else { return true }
        return provider.configuration.redirectURI.isExactly(origin + paths.callback)
    }

    private func end(_ session: SessionCookies.Session?) async throws {
        guard let store, let id = session?.id else { return }
        try await store.forget(id)
    }

    /// The tokens of a session.
    func tokens(of session: SessionCookies.Session?) async throws -> TokenSet? {
        guard let session else { return nil }
        guard let store else { return session.tokens }
        guard let id = session.id else { return nil }
        return try await store.tokens(of: id)
    }

    /// A path of the app itself; nil for whatever a browser could take for another place.
    private func localPath(_ text: String?) -> String? {
        guard let bytes = text.map({ Array($0.utf8) }), bytes.first == UInt8(ascii: "/"),
            bytes.count <= 1_000,
            bytes.dropFirst().first != UInt8(ascii: "/"),
            bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") })
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func seeOther(_ address: String) -> Response {
        Response(
            status: .seeOther, headers: [.location: address, .cacheControl: "no-store"])
    }
}

public import GatehouseClient
private import GatehouseEncoding
private import HTTPTypes
public import Hummingbird
private import NIOCore

/// An API as the outside knows it: its address, what it understands, and whose tokens it takes.
public struct ProtectedResource: Sendable {
    /// The origin that clients ask, such as `https://api.example.com`, with no slash at the end.
    public let origin: String
    /// The scopes that it understands.
    public let scopes: [String]
    let verifier: TokenVerifier

    /// Describes an API.
    ///
    /// - Parameters:
    ///   - origin: The origin that clients ask, whatever proxies are in between.
    ///   - verifier: What decides about tokens.
    ///   - changes: What hears of changes, so that outdated tokens are refused at once; nil for none.
    ///   - scopes: The scopes that it understands.
    public init(
        at origin: String, verifier: TokenVerifier, changes: ChangeFollower? = nil,
        scopes: [String] = []
    ) {
        self.origin = origin
        self.verifier = changes.map(verifier.following) ?? verifier
        self.scopes = scopes
    }

    static let metadataPath = "/.well-known/oauth-protected-resource"

    /// Where clients find out whose tokens it takes (RFC 9728 §3).
    public var metadataURL: String { origin + Self.metadataPath }

    /// Adds the document that tells clients whose tokens it takes (RFC 9728 §2).
    public func addRoutes<Context: RequestContext>(to router: some RouterMethods<Context>) {
        let document = JSONWriter.object { json in
            json.add("resource", verifier.configuration.audience)
            json.add("authorization_servers", [verifier.issuer])
            json.add("bearer_methods_supported", ["header"])
            if !scopes.isEmpty { json.add("scopes_supported", scopes) }
            json.add(
                "dpop_bound_access_tokens_required", verifier.configuration.requiresBoundTokens)
        }
        router.get(RouterPath(Self.metadataPath)) { _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/json"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: document)))
        }
    }

    /// The answer to a request that is not let through (RFC 6750 §3).
    public func answer(to refusal: TokenRefusal) -> Response {
        let body = JSONWriter.object { json in
            json.add("error", refusal.code ?? "unauthorized")
            json.add("error_description", refusal.detail)
        }
        var response = Response(
            status: .init(code: refusal.status),
            headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
        let scheme = verifier.configuration.requiresBoundTokens ? "DPoP" : "Bearer"
        if let challenge = refusal.challenge(scheme: scheme, metadata: metadataURL) {
            response.headers[.wwwAuthenticate] = challenge
        }
        if refusal.status == 503, let name = HTTPField.Name("Retry-After") {
            response.headers[name] = "5"
        }
        return response
    }
}

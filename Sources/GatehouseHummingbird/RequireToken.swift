private import GatehouseClient
private import HTTPTypes
public import Hummingbird

/// Lets only requests through that carry a good access token, with a scope if one is needed.
///
/// A ``GatehouseClient/TokenRefusal`` that a route throws is answered in the same way.
public struct RequireToken<Context: TokenContext>: RouterMiddleware {
    /// Names the organization that a request is about, such as a part of its path.
    public typealias Organization = @Sendable (Request, Context) -> String?

    /// Tells from which IP address a request came: that of the client, and not of a proxy in between.
    public typealias ClientAddress = @Sendable (Request, Context) -> String?

    private let resource: ProtectedResource
    private let clientAddress: ClientAddress?
    private let scope: String?
    private let access: (action: String, resource: String, organization: Organization)?

    /// Asks for a token, and for a scope of it if one is named.
    ///
    /// API keys that name networks need to know where a request came from.
    public init(
        for resource: ProtectedResource, scope: String? = nil,
        from clientAddress: ClientAddress? = nil
    ) {
        self.resource = resource
        self.clientAddress = clientAddress
        self.scope = scope
        access = nil
    }

    /// Asks for a token of somebody who may do something in the organization that the request is
    /// about.
    public init(
        for resource: ProtectedResource, to action: String, _ name: String,
        in organization: @escaping Organization, from clientAddress: ClientAddress? = nil
    ) {
        self.resource = resource
        self.clientAddress = clientAddress
        scope = nil
        access = (action, name, organization)
    }

    /// Judges the token, and lets the request go on.
    public func handle(
        _ request: Request, context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            var presented = ProtectedRequest(
                authorization: request.headers[values: .authorization],
                method: request.method.rawValue, url: resource.origin + request.uri.string)
            presented.clientAddress = clientAddress?(request, context)
            if let name = HTTPField.Name("DPoP") {
                presented.proofs = request.headers[values: name]
            }
            let token = try await resource.verifier.verify(presented)
            if let scope { try token.require(scope: scope) }
            if let access {
                try token.requireAccess(
                    in: access.organization(request, context) ?? "", access.action,
                    to: access.resource)
            }
            var context = context
            context.token = token
            return try await next(request, context)
        } catch let refusal as TokenRefusal {
            return resource.answer(to: refusal)
        }
    }
}

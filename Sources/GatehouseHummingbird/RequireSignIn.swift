private import GatehouseClient
private import GatehouseProtocol
private import HTTPTypes
public import Hummingbird
private import Logging

/// Lets only people through who are signed in, with tokens that are good now.
///
/// Tokens that are about to end are refreshed first, and the new ones are stored before anything
/// else happens. Whoever is not signed in is sent to sign in, and comes back here.
public struct RequireSignIn<Context: SignedInContext>: RouterMiddleware {
    private let signIn: SignIn

    /// Goes by the sessions of a sign-in.
    public init(_ signIn: SignIn) {
        self.signIn = signIn
    }

    /// Finds out who is there, and lets the request go on.
    public func handle(
        _ request: Request, context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let session = signIn.cookies.session(of: request.headers)
        guard let tokens = try await signIn.tokens(of: session) else { return refusal(of: request) }
        var context = context
        var renewed: TokenSet?
        do {
            context.agent = try await signIn.provider.agent(
                from: tokens,
                onRefresh: { tokens in
                    if let id = session?.id { try await signIn.store?.keep(tokens, of: id) }
                    renewed = tokens
                })
        } catch let error as ClientError {
            context.logger.info("session refused", metadata: ["reason": .string("\(error)")])
            guard error.endsSession else {
                var response = Response(status: .serviceUnavailable)
                try store(renewed, in: &response)
                return response
            }
            if let id = session?.id { try await signIn.store?.forget(id) }
            var response = refusal(of: request)
            signIn.cookies.clearSession(in: &response.headers)
            return response
        }
        var response: Response
        do {
            response = try await next(request, context)
        } catch let error as any HTTPResponseError {
            // The old tokens may be worthless: the browser gets the new ones with this, too.
            response = try error.response(from: request, context: context)
        }
        try store(renewed, in: &response)
        return response
    }

    /// Gives the browser new tokens, unless the app keeps them: the old ones may be worthless.
    private func store(_ renewed: TokenSet?, in response: inout Response) throws {
        guard let renewed, signIn.store == nil else { return }
        try signIn.cookies.set(
            signIn.cookies.session(id: nil, tokens: renewed), in: &response.headers)
    }

    /// A page leads to sign-in and back; anything else cannot be done over.
    private func refusal(of request: Request) -> Response {
        guard request.method == .get else { return Response(status: .unauthorized) }
        let path = request.uri.string.queryEncoded
        return SignIn.seeOther(signIn.paths.signIn + "?return_to=" + path)
    }
}

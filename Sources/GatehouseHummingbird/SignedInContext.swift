public import GatehouseClient
public import Hummingbird

/// A request context that knows who is signed in.
public protocol SignedInContext: RequestContext {
    /// Who is signed in; set by ``RequireSignIn``.
    var agent: Agent? { get set }
}

/// A request context that knows by which token a request came.
public protocol TokenContext: RequestContext {
    /// The token; set by ``RequireToken``.
    var token: VerifiedToken? { get set }
}

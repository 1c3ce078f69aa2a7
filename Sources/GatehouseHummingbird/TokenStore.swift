public import GatehouseClient

/// Where an app keeps the tokens of its sessions, if not in the browser's cookies.
///
/// The browser then has a cookie that names the session. Choose a store where sessions have to end
/// on every node at once, or where tokens are too large for cookies.
public protocol TokenStore: Sendable {
    /// The tokens of a session; nil if there is none (any more).
    func tokens(of session: String) async throws -> TokenSet?
    /// Keeps the tokens of a session, in place of those that it had.
    func keep(_ tokens: TokenSet, of session: String) async throws
    /// Ends a session.
    func forget(_ session: String) async throws
}

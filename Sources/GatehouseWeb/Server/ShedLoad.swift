package import GatehouseCore
import GatehouseSQL
package import Hummingbird

/// Refuses at once what can wait, where the database is crowded.
///
/// It stands before pages and the administration. What applications ask for comes in until the
/// database is full: tokens, refreshes and keys go first, since a person can try again and much
/// hangs on an application that cannot.
package struct ShedLoad: RouterMiddleware {
    /// There is too much to do.
    ///
    /// Ask again later.
    struct Overloaded: Error {}

    private let gatehouse: Gatehouse

    /// Takes the database that may be crowded.
    package init(gatehouse: Gatehouse) {
        self.gatehouse = gatehouse
    }

    /// True while there is no room for what can wait.
    package static func refuses(_ gatehouse: Gatehouse) -> Bool {
        gatehouse.database.waitingRoom.isCrowded
    }

    /// Lets the request in, or refuses it before anything is done for it.
    package func handle(
        _ request: Request, context: EdgeContext, next: Next
    ) async throws -> Response {
        guard !Self.refuses(gatehouse) else { throw Overloaded() }
        return try await next(request, context)
    }
}

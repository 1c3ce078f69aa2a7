package import Hummingbird

/// The rest of the way to an answer, as Hummingbird hands it to a middleware.
package typealias Next = @concurrent (Request, EdgeContext) async throws -> Response

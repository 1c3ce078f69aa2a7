package import Hummingbird

/// Answers at paths that are known byte for byte, without the router: what programs ask for all
/// the time.
package protocol DirectAnswers: Sendable {
    /// The answer, or `nil` if nothing is known at this path.
    func answer(_ request: Request, _ context: EdgeContext) async -> Response?
}

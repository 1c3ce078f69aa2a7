/// Why an operation was not done: what kind of reason it is, and one sentence.
///
/// Options of the command line stand in it as `--such`; whoever speaks another language than the
/// command line puts its own names there (``Operation/Name/endpoint``).
package struct OperationError: Error, Sendable, CustomStringConvertible {
    package let code: Code
    package let description: String
    /// The argument that is wrong, where it is one.
    let argument: String?

    /// What kind of reason it is.
    package enum Code: String, Sendable, CaseIterable {
        case failed
        case wrongUse = "wrong_use"
        case notFound = "not_found"
        case conflict
        /// It is not any more what whoever wants to change it looked at.
        case outdated
        case unavailable
    }

    package init(_ code: Code, _ description: String, about argument: String? = nil) {
        self.code = code
        self.argument = argument
        self.description = description
    }

    static let outdated = OperationError(
        .outdated, "It was changed since you looked at it. Look again, and then change it.")

    /// Whoever wanted it may not do it; operators may whatever can be done.
    static let mayNot = OperationError(.conflict, "Whoever wanted this may not do it.")
}

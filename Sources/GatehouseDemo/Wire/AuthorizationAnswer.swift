import GatehouseProtocol

/// What a browser brought back from the authorization endpoint (RFC 6749 §4.1.2).
struct AuthorizationAnswer: Sendable {
    let state: String
    /// Whose answer it says it is (RFC 9207).
    let issuer: String?
    let outcome: Outcome

    /// A code, or the reason why there is none.
    enum Outcome: Sendable {
        case code(String)
        case error(code: String, description: String?)
    }

    /// Reads the parameters; nil if they make no answer to anything we asked.
    init?(_ parameters: FormParameters) {
        guard !parameters.hasRepetition, let state = parameters[.state] else { return nil }
        switch (parameters[.code], parameters[.error]) {
        case (let code?, nil): outcome = .code(code)
        case (nil, let error?):
            outcome = .error(code: error, description: parameters[.errorDescription])
        default: return nil
        }
        self.state = state
        issuer = parameters[.issuer]
    }
}

extension ParameterName {
    static let error = Self("error")
    static let errorDescription = Self("error_description")
    static let issuer = Self("iss")
}

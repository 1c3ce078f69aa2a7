/// Why an API does not let a request through, as it is told (RFC 6750 §3.1, RFC 9449 §7.1).
public struct TokenRefusal: Error, Sendable, Equatable {
    /// What is wrong.
    public enum Reason: Sendable, Equatable {
        /// There is no token.
        case missing
        /// The token is not sent in the one way that there is.
        case malformedRequest
        /// The token is none of this issuer and this API, is over, or is broken; the check says
        /// which.
        case invalid(TrustCheck)
        /// The issuer says that the token does not count (any more).
        case inactive
        /// What the token says was changed after it was issued, as the change feed told; a new one
        /// says what is true.
        case outdated
        /// The token is bound to nothing, and only bound ones are taken.
        case notBound
        /// The token is bound to a key or a certificate, and the proof of it is missing or wrong.
        case notProven
        /// The proof was used before.
        case replayed
        /// The token does not allow this; the text says what would.
        case insufficientScope(String)
        /// Nothing could be found out: the issuer gives no answer.
        case unavailable
    }

    /// What is wrong.
    public let reason: Reason

    init(_ reason: Reason) {
        self.reason = reason
    }

    /// The status to answer with.
    public var status: Int {
        switch reason {
        case .missing, .invalid, .inactive, .outdated, .notBound, .notProven, .replayed: 401
        case .malformedRequest: 400
        case .insufficientScope: 403
        case .unavailable: 503
        }
    }

    /// The code of the error; nil where a client did not know that a token is wanted.
    public var code: String? {
        switch reason {
        case .missing, .unavailable: nil
        case .malformedRequest: "invalid_request"
        case .invalid, .inactive, .outdated, .notBound: "invalid_token"
        case .notProven, .replayed: "invalid_dpop_proof"
        case .insufficientScope: "insufficient_scope"
        }
    }

    /// What a developer should know.
    public var detail: String {
        switch reason {
        case .missing: "An access token is required."
        case .malformedRequest: "The access token has to be sent once, in the header."
        case .invalid(let check): check.rule
        case .inactive: "The access token does not count any more."
        case .outdated: "What the access token says has changed: get a new one."
        case .notBound: "The access token has to be bound to a key."
        case .notProven: "The access token is bound to a key, and the proof of it is not right."
        case .replayed: "The proof was used before."
        case .insufficientScope(let scope): "It takes \(scope) to do this."
        case .unavailable: "Tokens cannot be checked for the moment."
        }
    }

    /// The value of `WWW-Authenticate`, nil where none belongs.
    ///
    /// - Parameters:
    ///   - scheme: `Bearer`, or `DPoP` where tokens are bound to keys.
    ///   - metadata: Where the API says which issuer it trusts (RFC 9728 §5.1).
    /// - Returns: The value of the header.
    public func challenge(scheme: String = "Bearer", metadata: String? = nil) -> String? {
        guard status != 503 else { return nil }
        var parameters: [String] = []
        if let code {
            parameters.append("error=\"\(code)\"")
            parameters.append("error_description=\"\(Self.quotable(detail))\"")
        }
        if case .insufficientScope(let scope) = reason {
            parameters.append("scope=\"\(Self.quotable(scope))\"")
        }
        if let metadata { parameters.append("resource_metadata=\"\(Self.quotable(metadata))\"") }
        return parameters.isEmpty
            ? scheme : scheme + " " + parameters.joined(separator: ", ")
    }

    /// Only what may stand between quotation marks (RFC 6750 §3).
    private static func quotable(_ text: String) -> String {
        String(
            decoding: text.utf8.filter { $0 >= 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C },
            as: UTF8.self)
    }
}

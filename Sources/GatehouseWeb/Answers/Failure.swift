import GatehouseCore
package import GatehouseProtocol
import GatehouseSQL
import HTTPTypes
package import Hummingbird

/// What an error means to whoever asked, before a surface says it in its own language.
package enum Failure: Sendable {
    /// A refusal in the vocabulary of OAuth.
    case refused(OAuthError)
    /// The request's bytes cannot be read as what they should be.
    case unreadable
    /// The body is too large.
    case tooLarge
    /// Something is busy or away; the same request may succeed after so many seconds.
    case temporary(retryAfter: Int, reason: String)
    /// It failed too often; it may be tried again after so many seconds.
    case limited(retryAfter: Int, limit: String)
    /// Such a path does not exist, or not with this method.
    case http(HTTPError)
    /// A fault of ours.
    case fault(String)

    package init(_ error: any Error) {
        switch error {
        case let error as OAuthError: self = .refused(error)
        case is FormParameters.Malformed: self = .unreadable
        case RequestBodyError.tooLarge: self = .tooLarge
        case is RequestBodyError: self = .unreadable
        case is PasswordHasher.Busy:
            self = .temporary(retryAfter: 2, reason: "too many passwords wait to be checked")
        case is ShedLoad.Overloaded:
            self = .temporary(retryAfter: 2, reason: "too many requests wait for the database")
        case let error as LimitExceeded:
            self = .limited(retryAfter: error.retryAfter, limit: error.name.rawValue)
        case let error as DatabaseError where error.isTemporary:
            self = .temporary(retryAfter: 5, reason: String(describing: error))
        case let error as HTTPError: self = .http(error)
        default: self = .fault(String(reflecting: error))
        }
    }
}

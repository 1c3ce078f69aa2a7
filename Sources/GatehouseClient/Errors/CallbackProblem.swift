/// Why what a browser brought back is no answer to an attempt to sign in.
///
/// Whatever it is, the remedy is the same: begin a new attempt.
public enum CallbackProblem: String, Sendable, Equatable {
    /// There is no code and no error, or one of them twice.
    case malformed
    /// `state` is not the one of the attempt: the answer is to somebody else's, or was made up.
    case state
    /// `iss` is another issuer's, or is missing though this one always says it (RFC 9207): a
    /// mix-up.
    case issuer
    /// The attempt was begun at another provider, or as another client.
    case otherProvider
    /// The attempt was answered before.
    case replayed
    /// The attempt was begun too long ago.
    case expired

    /// What has to hold, as a sentence.
    public var rule: String {
        switch self {
        case .malformed: "The answer has to carry a code or an error, once."
        case .state: "The state has to be the one that was sent."
        case .issuer: "The answer has to say that it is from the issuer that was asked."
        case .otherProvider: "The attempt has to be one of this provider and this client."
        case .replayed: "An attempt is answered once."
        case .expired: "The answer has to come within an hour."
        }
    }
}

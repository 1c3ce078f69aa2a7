/// Why something that an app asked for did not happen, and what to do about it.
///
/// No case carries a token, a code or a secret: an error can be logged and shown.
public enum ClientError: Error, Sendable, Equatable {
    /// Something was set up wrongly; the text says what, and only a developer can help.
    case configuration(String)
    /// No usable answer came from the provider; the text says where. Try again later.
    case unreachable(String)
    /// The provider's answer broke one of the checks that make it trustworthy.
    case untrustworthy(TrustCheck)
    /// The browser brought back what is no answer to this attempt; begin a new one.
    case callback(CallbackProblem)
    /// The provider refused, in its own words.
    case oauth(OAuthRefusal)
    /// The access token expired and there is no refresh token; let the person sign in again.
    case tokenExpired
    /// The provider refused to refresh: the person signed out, was removed, or the token was used
    /// already. Forget the tokens and let the person sign in again.
    case refresh(OAuthRefusal)
    /// New tokens are about somebody else than the old ones. Forget both.
    case subjectMismatch
    /// The person may not do that; the text says what it takes, such as `projects:write`.
    case insufficientScope(String)
    /// Somebody has to see a page: begin again without `prompt=none`.
    case interactionRequired
    /// Nobody is signed in at the provider: begin again without `prompt=none`.
    case loginRequired
    /// The person has to be asked for consent: begin again without `prompt=none`.
    case consentRequired
    /// The person has to choose an account: begin again without `prompt=none`.
    case accountSelectionRequired
    /// The person, or the provider, said no.
    case accessDenied
    /// Nobody approved the device in time; begin again.
    case deviceCodeExpired
}

extension ClientError {
    /// Makes the error of a refusal at the authorization endpoint or the token endpoint.
    init(_ refusal: OAuthRefusal) {
        self =
            switch refusal.code {
            case "login_required": .loginRequired
            case "interaction_required": .interactionRequired
            case "consent_required": .consentRequired
            case "account_selection_required": .accountSelectionRequired
            case "access_denied": .accessDenied
            default: .oauth(refusal)
            }
    }

    /// Whether the tokens are of no use any more, so that the session of the app should end.
    ///
    /// It is false where the provider could not be reached, or answers as if it were broken, and
    /// where a switch to an organization was refused: what could not be refreshed now may be
    /// refreshed later.
    public var endsSession: Bool {
        switch self {
        case .tokenExpired, .subjectMismatch: true
        case .untrustworthy(let check): ![.keySet, .answer, .organization].contains(check)
        case .refresh(let refusal): refusal.code.utf8.elementsEqual("invalid_grant".utf8)
        default: false
        }
    }
}

extension ClientError: CustomStringConvertible {
    /// What happened, and what to do about it.
    public var description: String {
        switch self {
        case .configuration(let what): "The app is not set up rightly: \(what)"
        case .unreachable(let what): "The identity provider gave no usable answer: \(what)"
        case .untrustworthy(let check): "The identity provider is not believed: \(check.rule)"
        case .callback(let problem): "This is no answer to the sign-in: \(problem.rule)"
        case .oauth(let refusal): "The identity provider refused: \(refusal)"
        case .tokenExpired:
            "The access token expired and cannot be refreshed: sign in again."
        case .refresh(let refusal):
            "The tokens cannot be refreshed: sign in again. \(refusal)"
        case .subjectMismatch: "The new tokens are about somebody else: sign in again."
        case .insufficientScope(let scope): "It takes \(scope) to do this."
        case .interactionRequired, .loginRequired, .consentRequired, .accountSelectionRequired:
            "The person has to see a page of the identity provider: begin without prompt=none."
        case .accessDenied: "The person or the identity provider said no."
        case .deviceCodeExpired: "Nobody approved the device in time: begin again."
        }
    }
}

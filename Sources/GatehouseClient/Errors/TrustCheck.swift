internal import GatehouseJOSE

/// One of the checks that an answer of a provider has to pass.
public enum TrustCheck: String, Sendable, Equatable {
    /// The metadata is a JSON object with the endpoints that are needed.
    case metadata
    /// The metadata names the very issuer that was asked for.
    case metadataIssuer
    /// Every address of the metadata is https, or on this machine like the issuer itself.
    case endpointAddress
    /// The answer is JSON of the right form.
    case answer
    /// The access token is to be presented in the way that was asked for.
    case tokenType
    /// There is an ID token.
    case idToken
    /// The token is one of its kind, by its form and its `typ`.
    case tokenForm
    /// The keys are readable, and not too many.
    case keySet
    /// The token is signed with one of the published keys.
    case key
    /// The token's algorithm is that of the key.
    case algorithm
    /// The signature is right.
    case signature
    /// `iss` is the issuer.
    case issuer
    /// `aud` names this app.
    case audience
    /// `azp` is this app.
    case authorizedParty
    /// `exp`, `nbf`, `iat` allow the token to be used now.
    case times
    /// `nonce` is the one that was sent.
    case nonce
    /// `at_hash` is that of the access token.
    case accessTokenHash
    /// `sub` says whom the token is about.
    case subject
    /// `auth_time` is as recent as was asked for.
    case authenticationTime
    /// `organizations` is a list of organizations.
    case organizations
    /// `org_id` is the organization that was asked for.
    case organization
    /// The change feed is a stream of events of the right form, none of them too large.
    case changeFeed

    /// What has to hold, as a sentence.
    public var rule: String {
        switch self {
        case .metadata: "The metadata has to name every endpoint that is needed."
        case .metadataIssuer: "The metadata has to name the very issuer that was asked for."
        case .endpointAddress: "Every endpoint has to be https, or on this machine."
        case .answer: "The answer has to be JSON of the right form."
        case .tokenType: "The access token has to be of the type that was asked for."
        case .idToken: "There has to be an ID token."
        case .tokenForm: "The token has to be a signed one of its kind."
        case .keySet: "The published keys have to be readable, and not too many."
        case .key: "The token has to be signed with one of the published keys."
        case .algorithm: "The token's algorithm has to be that of its key."
        case .signature: "The token's signature has to be right."
        case .issuer: "The token's iss has to be the issuer."
        case .audience: "The token's aud has to name this app."
        case .authorizedParty: "The token's azp has to be this app."
        case .times: "The token has to be good now: compare the clocks."
        case .nonce: "The token's nonce has to be the one that was sent."
        case .accessTokenHash: "The token's at_hash has to be that of the access token."
        case .subject: "The token has to say whom it is about."
        case .authenticationTime: "The person has to have signed in as recently as was asked for."
        case .organizations: "The organizations have to be a list of organizations."
        case .organization: "The token has to be about the organization that was asked for."
        case .changeFeed: "The change feed has to be a stream of events of the right form."
        }
    }

    /// The check that a token did not pass.
    init(_ error: JOSEError) {
        self =
            switch error {
            case .unknownKey: .key
            case .wrongSignature: .signature
            case .wrongAlgorithm: .algorithm
            case .expired, .notYetValid: .times
            case .malformedKey, .unsupportedKey, .privateKey: .keySet
            default: .tokenForm
            }
    }
}

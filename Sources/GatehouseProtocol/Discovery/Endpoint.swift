/// The endpoints of an issuer and the paths below it that they answer at.
///
/// The first path of each is the canonical one, which metadata names. The others are aliases that
/// clients written for other providers use.
public enum Endpoint: Sendable, Hashable, CaseIterable {
    case openIDConfiguration
    case authorizationServerMetadata
    case jsonWebKeySet
    case authorization
    case token
    case userInfo
    case revocation
    case introspection
    case endSession
    case deviceAuthorization
    /// The page on which a person types what a device shows (RFC 8628 §3.3).
    case deviceVerification
    case pushedAuthorizationRequest
    /// Where clients register themselves (RFC 7591 §3).
    case clientRegistration
    /// Where each of these clients has a path of its own, below this one (RFC 7592 §2).
    case clientConfiguration
    case backchannelAuthentication
    /// The page on which a person answers what clients ask from elsewhere.
    case approvals
    /// The page on which a person sees which applications may use their account.
    case applications
    /// The pages on which members administer their organizations.
    case organizations
    /// Where an app of a person's lists what it may approve.
    case approvalRequests
    /// Where it reads and answers each of them, below this path.
    case approvalRequest
    /// The page to which the letter of an invitation leads.
    case invitation
    /// Where resource servers follow what changes access.
    case changeFeed

    /// The canonical path and its aliases.
    package var paths: [String] {
        switch self {
        case .openIDConfiguration: ["/.well-known/openid-configuration"]
        case .authorizationServerMetadata: ["/.well-known/oauth-authorization-server"]
        case .jsonWebKeySet: ["/.well-known/jwks.json", "/oauth2/jwks", "/jwks.json"]
        case .authorization: ["/oauth2/authorize", "/authorize"]
        case .token: ["/oauth2/token", "/oauth/token", "/token"]
        case .userInfo: ["/oauth2/userinfo", "/userinfo"]
        case .revocation: ["/oauth2/revoke", "/revoke"]
        case .introspection: ["/oauth2/introspect", "/oauth2/introspection", "/introspect"]
        case .endSession: ["/oauth2/end_session", "/logout"]
        case .deviceAuthorization: ["/oauth2/device_authorization"]
        case .deviceVerification: ["/device"]
        case .pushedAuthorizationRequest: ["/oauth2/par"]
        case .clientRegistration: ["/oauth2/register", "/register"]
        case .clientConfiguration: ["/oauth2/register/"]
        case .backchannelAuthentication: ["/bc-authorize"]
        case .approvals: ["/approvals"]
        case .applications: ["/applications"]
        case .organizations: ["/organizations"]
        case .approvalRequests: ["/bc-approvals"]
        case .approvalRequest: ["/bc-approvals/"]
        case .invitation: ["/invitation"]
        case .changeFeed: ["/changes"]
        }
    }

    /// The path that metadata names.
    package var path: String { paths[0] }
}

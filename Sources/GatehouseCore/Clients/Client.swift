package import GatehouseJOSE
package import GatehouseProtocol
import GatehouseSQL

/// An application that relies on a tenant to say who someone is (RFC 6749 §2).
package struct Client: Sendable, Identified {
    package typealias ID = Identifier<Client>
    package static let identifierPrefix = "client"

    /// The client's `client_id` too.
    package let id: ID
    package var name: DisplayName
    package internal(set) var kind: Kind
    package var redirectURIs: [RedirectURI]
    package var postLogoutRedirectURIs: [RedirectURI]
    /// What the client may ask for.
    package var scope: Scope
    package var policies: ClientPolicies
    /// How it proves who it is.
    package var authentication: Authentication
    /// The keys that it signs requests with, if it proves who it is in another way than by them.
    package var requestKeys: ClientKeys?
    package let createdAt: Timestamp
    package var updatedAt: Timestamp
    package var disabledAt: Timestamp?
    /// How it came to be registered, and what it says of itself.
    package var registration = ClientRegistration()
    /// The logos that are kept for it.
    package internal(set) var logos: Logos?
    /// True if people act in the organization whose client it is, or it is no organization's.
    package internal(set) var hasActiveOwner = true

    /// What kind of application it is: what decides whether it can keep a secret, and what it may
    /// do at all.
    package enum Kind: String, Sendable, CaseIterable {
        /// Runs on a server and keeps a secret.
        case web
        /// Runs in a browser (draft-ietf-oauth-browser-based-apps) and keeps none.
        case spa
        /// Runs on a person's device (RFC 8252) and keeps none.
        case native
        /// Acts for itself, with no person about.
        case machine

        /// True if it can keep a secret, and has one unless it has keys (RFC 6749 §2.1).
        package var isConfidential: Bool { self == .web || self == .machine }

        /// The grant types that clients of the kind may use.
        package var grantTypes: [GrantType] {
            self == .machine
                ? [.clientCredentials] : [.authorizationCode, .refreshToken]
        }

        /// What it may ask for unless it is registered with another scope.
        package var defaultScope: Scope { self == .machine ? .none : .identity }
    }

    package init(name: DisplayName, kind: Kind, id: ID? = nil, at now: Timestamp) {
        self.id = id ?? ID(at: now)
        self.name = name
        self.kind = kind
        redirectURIs = []
        postLogoutRedirectURIs = []
        scope = kind.defaultScope
        policies = ClientPolicies(for: kind)
        authentication = Authentication(for: kind)
        requestKeys = nil
        createdAt = now
        updatedAt = now
        disabledAt = nil
    }

    /// Becomes a client of another kind, with what goes with that by default.
    ///
    /// Whose client it is, what it promises and by which name it knows people stays.
    mutating func become(_ kind: Kind) {
        guard kind != self.kind else { return }
        self.kind = kind
        policies = ClientPolicies(for: kind, insteadOf: policies)
        authentication = Authentication(for: kind)
    }

    /// The grant types that it may use: those of its kind, and what its policies add.
    package var grantTypes: [GrantType] {
        kind.grantTypes + (policies.allowsDeviceAuthorization ? [.deviceCode] : [])
            + (policies.allowsBackchannelAuthentication ? [.ciba] : [])
    }

    /// The redirect URI to answer at, if the client registered one that covers the requested one.
    package func redirectURI(covering requested: String) -> RedirectURI? {
        redirectURIs.lazy.compactMap { $0.covers(requested) }.first
    }

    /// The address to go to after signing out, if the client registered it, byte for byte.
    package func postLogoutRedirectURI(covering requested: String) -> RedirectURI? {
        postLogoutRedirectURIs.first { $0.text.utf8.elementsEqual(requested.utf8) }
    }

    /// The scope whose claims the userinfo endpoint shows for a token of the client.
    package func userInfoScope(for granted: Scope) -> Scope {
        switch policies.userInfoScope {
        case .granted: granted
        // What people were asked is what others' clients get.
        case .registered where isOfThirdParty: granted
        case .registered: scope
        }
    }

    /// What of the grant types the client may use.
    package func requireGrantType(_ type: GrantType) throws(OAuthError) {
        guard grantTypes.contains(type) else {
            throw OAuthError(.unauthorizedClient, "The client may not use this grant type.")
        }
    }
}

/// What a tenant decided for one client.
///
/// Strict by default; every exception is a value here.
package struct ClientPolicies: Sendable, Hashable {
    /// False only for a confidential client that cannot do PKCE (legacy, RFC 9700 §2.1.1).
    package var requiresPKCE = true
    package var refreshTokens = RefreshTokens.withOfflineAccess
    package var rotation: Rotation
    /// How long after its rotation a refresh token is answered as a repeated request.
    package var rotationLeeway = Lifetime.seconds(10)
    package var accessTokenLifetime = Lifetime.minutes(15)
    package var idTokenAlgorithm = Algorithm.rs256
    package var accessTokenAlgorithm = Algorithm.es256
    /// The audience of access tokens; nil for the client's own id.
    package var audience: String?
    /// True if access tokens carry the person's e-mail address.
    package var accessTokenHasEmail = false
    package var userInfoScope = UserInfoScope.granted
    /// What access tokens are bound to.
    package var tokenBinding = TokenBinding.proven
    /// True if its proofs must carry a nonce of ours (RFC 9449 §8).
    package var requiresDPoPNonce: Bool
    /// True if a person may let it in from another device (RFC 8628).
    ///
    /// Off by default: whoever begins such a flow may try to have somebody else allow it.
    package var allowsDeviceAuthorization = false
    /// True if authorization requests have to be pushed (RFC 9126 §6).
    package var requiresPushedRequests = false
    /// How answers may travel, the usual way first; never empty.
    ///
    /// One that the client does not await is a way to lead its codes astray (ASVS 10.4.12).
    package var responseModes = [ResponseMode.query]
    /// What the client promises to do, besides what is set here.
    package var profile = ClientProfile.standard
    /// True if authorization requests have to be signed (`require_signed_request_object`, RFC 9101
    /// §10.5).
    package var requiresSignedRequests = false
    /// The one algorithm that its requests may be signed with; nil for that of its key.
    package var requestObjectAlgorithm: Algorithm?
    /// How userinfo is signed for it; nil for plain JSON.
    package var userInfoAlgorithm: Algorithm?
    /// By which name it knows people; never changed, or its people would become strangers to it.
    package var subjectType = SubjectType.public

    /// True if it may ask a person who is elsewhere to sign in to it (OpenID Connect CIBA Core).
    ///
    /// Off by default: whoever may ask can have somebody else allow what they do not understand.
    package var allowsBackchannelAuthentication = false
    /// Whose client it is: whether people have to be asked what it may do.
    package var party = Party.first
    /// True if people may allow it some of what it asks for only.
    package var allowsPartialConsent = false
    /// The types of authorization details that it may ask for (RFC 9396 §10).
    package var authorizationDetailsTypes: [String] = []

    /// Whose client it is.
    package enum Party: String, Sendable, CaseIterable {
        /// The tenant's own: people are asked only if it wants them to be.
        case first
        /// Somebody else's: people are asked, and what they say is remembered.
        case third
    }
    /// How the client hears that a session is over.
    package var logout = ClientLogout()
    /// Where the client begins a sign-in when a page of ours offers one.
    package var initiateLoginURI: InitiateLoginURI?
    /// How it comes to its tokens once a person has answered elsewhere.
    package var tokenDelivery = TokenDelivery.poll
    /// What it is told of organizations.
    package var organizations = OrganizationAccess.none

    /// When a refresh token is issued.
    package enum RefreshTokens: String, Sendable, CaseIterable {
        case withOfflineAccess = "offline_access"
        case always
        case never
    }

    /// What becomes of a refresh token that is used.
    package enum Rotation: String, Sendable, CaseIterable {
        /// It is replaced, and reuse is detected (RFC 9700 §4.14.2).
        case rotate
        /// It stays: it is bound to the client's secret already.
        case stable
    }

    /// Which scope decides what the userinfo endpoint shows.
    package enum UserInfoScope: String, Sendable, CaseIterable {
        /// The scope of the access token (OpenID Connect Core §5.4).
        case granted
        /// All that the client is registered for, whatever it asked for: for an application of one's
        /// own that asks for less than it reads (legacy).
        case registered
    }

    package init(for kind: Client.Kind) {
        rotation = kind.isConfidential ? .stable : .rotate
        // What runs on a page can have the page's key sign proofs for later, and take them away
        // (RFC 9449 §11.2). A nonce keeps these from being of use; elsewhere it is one more request.
        requiresDPoPNonce = kind == .spa
    }

    /// The defaults of another kind, with what no client decides for itself.
    fileprivate init(for kind: Client.Kind, insteadOf old: ClientPolicies) {
        self.init(for: kind)
        profile = old.profile
        subjectType = old.subjectType
        party = old.party
        allowsPartialConsent = old.allowsPartialConsent
        organizations = old.organizations
    }
}

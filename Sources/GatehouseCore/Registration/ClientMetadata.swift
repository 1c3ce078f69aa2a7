import GatehouseEncoding
import GatehouseJOSE
import GatehouseProtocol

/// What a client asks to be registered as (RFC 7591 §2, OpenID Connect Registration 1.0 §2), read
/// once: every member that is known is right, and every other one is left out.
package struct ClientMetadata: Sendable {
    let name: DisplayName?
    let redirectURIs: [RedirectURI]
    let postLogoutRedirectURIs: [RedirectURI]
    let grantTypes: [GrantType]
    let applicationType: ApplicationType?
    let authentication: RegisteredAuthentication?
    let keys: ClientKeys?
    let scope: Scope?
    let idTokenAlgorithm: Algorithm?
    let responseModes: [ResponseMode]
    let requiresPushedRequests: Bool
    let requiresDPoP: Bool
    let requiresCertificate: Bool
    let certificateName: CertificateName?
    let isPairwise: Bool
    let sectorDocument: OutboundAddress?
    let requestObjectAlgorithm: Algorithm?
    let requiresSignedRequests: Bool
    let userInfoAlgorithm: Algorithm?
    let logout: ClientLogout
    let initiateLoginURI: InitiateLoginURI?
    /// Nil where it stands in a document: such a client asks nobody who is elsewhere.
    let tokenDelivery: TokenDelivery?
    let authorizationDetailsTypes: [String]
    let description: ClientDescription

    /// Where the metadata stands.
    package enum Source: Sendable {
        /// In a request to this server, so it has to be right for this server.
        case request
        /// In a document for every server: what is not for this one is left out.
        case document
    }

    /// What kind of application it is (OpenID Connect Registration 1.0 §2).
    enum ApplicationType: String, Sendable {
        case web
        case native
    }

    /// The most addresses of one kind.
    private static let mostAddresses = 20

    /// Reads the members.
    ///
    /// - Throws: ``OAuthError`` with `invalid_redirect_uri`, or with `invalid_client_metadata` and a
    ///   description that names the member.
    init(_ json: JSONObject, from source: Source) throws(OAuthError) {
        let members = MetadataMembers(json)
        let name = try members.text(.clientName)
        self.name = try name.map { text throws(OAuthError) in
            guard let name = DisplayName(parsing: text) else {
                throw MetadataMembers.Member.clientName.refusal
            }
            return name
        }
        redirectURIs = try Self.redirectURIs(members)
        postLogoutRedirectURIs = try Self.postLogoutRedirectURIs(members)
        grantTypes = try Self.grantTypes(members, from: source)
        applicationType = try members.choice(.applicationType, ApplicationType.init)
        authentication = try members.choice(
            .authenticationMethod, RegisteredAuthentication.init)
        keys = try Self.keys(members)
        scope = try members.choice(.scope) { text in
            // The complaint says what is wrong.
            try? Scope(parsing: text)
        }
        idTokenAlgorithm = try members.choice(.idTokenAlgorithm, Algorithm.init(name:))
        responseModes = try Self.responseModes(members, idTokenAlgorithm)
        requiresPushedRequests = try members.flag(.requirePushedRequests) ?? false
        requiresDPoP = try members.flag(.dpopBoundAccessTokens) ?? false
        requiresCertificate = try members.flag(.certificateBoundAccessTokens) ?? false
        certificateName = try Self.certificateName(members)
        isPairwise =
            try members.choice(.subjectType) { ["public": false, "pairwise": true][$0] } ?? false
        sectorDocument = try members.choice(
            .sectorIdentifierURI, OutboundAddress.init(parsing:))
        requestObjectAlgorithm = try members.choice(
            .requestObjectAlgorithm, Algorithm.init(name:))
        requiresSignedRequests = try members.flag(.requireSignedRequests) ?? false
        userInfoAlgorithm = try members.choice(.userInfoAlgorithm, Algorithm.init(name:))
        logout = try Self.logout(members)
        initiateLoginURI = try members.choice(
            .initiateLoginURI, InitiateLoginURI.init(registering:))
        tokenDelivery = source == .document ? nil : try Self.tokenDelivery(members)
        authorizationDetailsTypes = try members.texts(.authorizationDetailsTypes) ?? []
        description = try ClientDescription(json)
        try Self.checkResponseTypes(members, from: source)
    }

    private static func redirectURIs(
        _ members: MetadataMembers
    ) throws(OAuthError) -> [RedirectURI] {
        guard let texts = try members.texts(.redirectURIs) else { return [] }
        guard texts.count <= mostAddresses else {
            throw OAuthError(.invalidRedirectURI, "There are more than 20 redirect_uris.")
        }
        var uris: [RedirectURI] = []
        for text in texts {
            do throws(RedirectURI.Refusal) {
                uris.append(try RedirectURI(registering: text))
            } catch {
                throw OAuthError(.invalidRedirectURI, error.sentence)
            }
            // Every character counts here, so whoever writes it means something else by it.
            guard !text.utf8.contains(UInt8(ascii: "*")) else {
                throw OAuthError(
                    .invalidRedirectURI, "One of the redirect_uris has a wildcard.")
            }
        }
        return uris
    }

    private static func postLogoutRedirectURIs(
        _ members: MetadataMembers
    ) throws(OAuthError) -> [RedirectURI] {
        let texts = try members.texts(.postLogoutRedirectURIs) ?? []
        // The complaint says what is wrong.
        let uris = texts.compactMap { try? RedirectURI(registering: $0) }
        guard uris.count == texts.count, texts.count <= mostAddresses else {
            throw MetadataMembers.Member.postLogoutRedirectURIs.refusal
        }
        return uris
    }

    /// The grant types; RFC 7591 §2 says which one it is if none is named.
    private static func grantTypes(
        _ members: MetadataMembers, from source: Source
    ) throws(OAuthError) -> [GrantType] {
        guard let names = try members.texts(.grantTypes) else { return [.authorizationCode] }
        let types = names.compactMap(GrantType.init(parsing:))
        guard types.count == names.count || source == .document, !types.isEmpty else {
            throw MetadataMembers.Member.grantTypes.refusal
        }
        return GrantType.allCases.filter(types.contains)
    }

    private static func checkResponseTypes(
        _ members: MetadataMembers, from source: Source
    ) throws(OAuthError) {
        let types = try members.texts(.responseTypes) ?? []
        let isRight =
            source == .document
            ? types.isEmpty || types.contains { $0.isExactly("code") }
            : types.allSatisfy { $0.isExactly("code") }
        guard isRight else { throw MetadataMembers.Member.responseTypes.refusal }
    }

    /// How the client hears that a session is over (OpenID Connect Back-Channel Logout 1.0 §2.2,
    /// Front-Channel Logout 1.0 §2).
    private static func logout(_ members: MetadataMembers) throws(OAuthError) -> ClientLogout {
        var logout = ClientLogout()
        logout.backChannel = try members.choice(
            .backChannelLogoutURI, OutboundAddress.init(parsing:))
        logout.backChannelNeedsSession = try members.flag(.backChannelNeedsSession) ?? false
        logout.frontChannel = try members.choice(.frontChannelLogoutURI) { text in
            // The complaint says what is wrong.
            try? FrontChannelLogoutURI(registering: text)
        }
        logout.frontChannelNeedsSession = try members.flag(.frontChannelNeedsSession) ?? false
        return logout
    }

    /// How the client comes to tokens once a person has answered elsewhere (OpenID Connect CIBA Core
    /// §4).
    private static func tokenDelivery(
        _ members: MetadataMembers
    ) throws(OAuthError) -> TokenDelivery {
        let mode = try members.choice(.tokenDeliveryMode, TokenDeliveryMode.init(rawValue:))
        let endpoint = try members.choice(
            .notificationEndpoint, OutboundAddress.init(parsing:))
        guard mode == .ping else { return .poll }
        guard let endpoint else {
            throw OAuthError(
                .invalidClientMetadata,
                "The backchannel_token_delivery_mode ping needs a backchannel_client_notification_endpoint."
            )
        }
        return .ping(endpoint)
    }

    /// How answers may travel; a signed one is signed as ID tokens are (JARM §3).
    private static func responseModes(
        _ members: MetadataMembers, _ idTokenAlgorithm: Algorithm?
    ) throws(OAuthError) -> [ResponseMode] {
        let names = try members.texts(.responseModes) ?? []
        let modes = names.compactMap(ResponseMode.init(parsing:))
        guard modes.count == names.count else {
            throw MetadataMembers.Member.responseModes.refusal
        }
        let algorithm = try members.choice(.authorizationAlgorithm, Algorithm.init(name:))
        guard algorithm == nil || algorithm == (idTokenAlgorithm ?? .rs256) else {
            throw MetadataMembers.Member.authorizationAlgorithm.refusal
        }
        return modes.isEmpty ? [.query] : modes
    }

    /// What the client's certificate says of it: one thing (RFC 8705 §2.1.2).
    private static func certificateName(
        _ members: MetadataMembers
    ) throws(OAuthError) -> CertificateName? {
        var names: [CertificateName] = []
        for member in MetadataMembers.Member.certificateNames {
            let name = try members.choice(member) {
                CertificateName(member.name.description, $0)
            }
            if let name { names.append(name) }
        }
        guard names.count <= 1 else {
            throw OAuthError(
                .invalidClientMetadata, "There is more than one of the tls_client_auth members.")
        }
        return names.first
    }

    private static func keys(_ members: MetadataMembers) throws(OAuthError) -> ClientKeys? {
        let address = try members.choice(.jwksURI, OutboundAddress.init(parsing:))
        guard let set = members.object(.jwks) else {
            guard members.isMissing(.jwks) else { throw MetadataMembers.Member.jwks.refusal }
            return address.map { .published($0) }
        }
        guard address == nil else {
            throw OAuthError(.invalidClientMetadata, "There are both jwks and jwks_uri.")
        }
        let keys: JSONWebKeySet
        do throws(JOSEError) {
            keys = try JSONWebKeySet(set, privateKeys: .refused)
        } catch .privateKey {
            throw OAuthError(
                .invalidClientMetadata,
                "The jwks hold a private key, which was shown by that and cannot be used.")
        } catch {
            throw MetadataMembers.Member.jwks.refusal
        }
        guard !keys.keys.isEmpty else { throw MetadataMembers.Member.jwks.refusal }
        return .registered(keys)
    }
}

extension RedirectURI.Refusal {
    /// The refusal as a client is told it.
    fileprivate var sentence: StaticString {
        switch self {
        case .tooLong: "One of the redirect_uris is longer than 2000 characters."
        case .notAbsolute: "One of the redirect_uris is not an absolute address of the usual form."
        case .responseParameter: "One of the redirect_uris holds a parameter of the answer."
        case .query: "One of the redirect_uris has a query that is not a form."
        case .fragment: "One of the redirect_uris has a fragment."
        case .needsHTTPS: "One of the redirect_uris is http and not on a loopback address."
        case .scheme: "One of the redirect_uris has a scheme that is not a reversed domain name."
        }
    }
}

import GatehouseJOSE
import GatehouseProtocol

/// What may be registered at one moment: the tenant's policy, less what a token allows less.
///
/// The same rules are asked when a client registers, when it changes and when its document does.
struct RegistrationRules: Sendable {
    let policy: RegistrationPolicy
    let limits: RegistrationLimits?
    /// All that may be registered to be asked for.
    let scope: Scope
    /// The types of authorization details that may be registered to be asked for.
    let detailsTypes: [String]
    /// What the tenant signs with.
    let algorithms: [Algorithm]
    /// What clients with certificates are offered; nil if nothing is.
    let mutualTLS: MutualTLSSupport?
    let source: ClientMetadata.Source

    init(
        of tenant: Tenant, limits: RegistrationLimits?, resources: Resources,
        algorithms: [Algorithm], mutualTLS: MutualTLSSupport? = nil,
        source: ClientMetadata.Source
    ) {
        self.mutualTLS = mutualTLS
        policy = tenant.registrationPolicy
        self.limits = limits
        let all = policy.scope ?? resources.registrableScope
        scope = limits?.scope.map { all.intersection($0) } ?? all
        // Only where whatever a resource knows may be asked for.
        let isLimited = policy.scope != nil || limits?.scope != nil
        detailsTypes = isLimited ? [] : resources.detailsTypes
        self.algorithms = algorithms
        self.source = source
    }

    private static func refusal(_ description: StaticString) -> OAuthError {
        OAuthError(.invalidClientMetadata, description)
    }

    /// Makes the client what its metadata says, or says why it may not be that.
    ///
    /// What its metadata has no word for stays as it is.
    func apply(_ metadata: ClientMetadata, to client: inout Client) throws(OAuthError) {
        let grantTypes = try grantTypes(metadata)
        try checkRedirectURIs(metadata, for: grantTypes)
        let (kind, authentication) = try identity(metadata, grantTypes)
        client.become(kind)
        client.authentication = authentication
        client.requestKeys = authentication.keys == nil ? metadata.keys : nil
        client.name = metadata.name ?? client.name
        client.redirectURIs = metadata.redirectURIs
        client.postLogoutRedirectURIs = metadata.postLogoutRedirectURIs
        client.scope = try scope(metadata, for: kind)
        client.policies.authorizationDetailsTypes = try detailsTypes(metadata, for: kind)
        client.registration.description = metadata.description
        client.policies.idTokenAlgorithm = try algorithm(metadata)
        client.policies.responseModes = metadata.responseModes
        client.policies.requiresPushedRequests = metadata.requiresPushedRequests
        client.policies.tokenBinding = try tokenBinding(metadata)
        client.policies.allowsDeviceAuthorization = grantTypes.contains(.deviceCode)
        try applyBackchannel(metadata, grantTypes, to: &client)
        if !grantTypes.contains(.refreshToken) {
            client.policies.refreshTokens = .never
        } else if client.policies.refreshTokens == .never {
            client.policies.refreshTokens = .withOfflineAccess
        }
        client.policies.logout = metadata.logout
        client.policies.initiateLoginURI = metadata.initiateLoginURI
        try applySignatures(metadata, to: &client)
        client.policies.subjectType = try subjectType(metadata, of: client)
    }

    /// Whether clients may register to ask people who are elsewhere.
    ///
    /// Where they may not, what an operator decided stands. Whoever can be named by a document never
    /// may.
    private var registersBackchannel: Bool {
        source == .request && policy.grantTypes.contains(.ciba)
    }

    /// Whether the client may ask people who are elsewhere, and how it hears of their answers.
    private func applyBackchannel(
        _ metadata: ClientMetadata, _ grantTypes: [GrantType], to client: inout Client
    ) throws(OAuthError) {
        guard registersBackchannel else { return }
        let asks = grantTypes.contains(.ciba)
        guard !asks || client.isConfidential else {
            throw Self.refusal(
                "The grant_types hold ciba, for clients that authenticate only.")
        }
        client.policies.allowsBackchannelAuthentication = asks
        client.policies.tokenDelivery = asks ? metadata.tokenDelivery ?? .poll : .poll
    }

    /// What its tokens are bound to.
    private func tokenBinding(_ metadata: ClientMetadata) throws(OAuthError) -> TokenBinding {
        // Where nobody can show a certificate, a client that has one is as good as any other.
        let isLeftOut = source == .document && mutualTLS == nil
        guard metadata.requiresCertificate, !isLeftOut else {
            return metadata.requiresDPoP ? .key : .proven
        }
        guard mutualTLS != nil else {
            throw Self.refusal(
                "The tls_client_certificate_bound_access_tokens are not supported here.")
        }
        guard !metadata.requiresDPoP else {
            throw Self.refusal(
                "Access tokens are bound to a DPoP key or to a certificate, and not to both.")
        }
        return .certificate
    }

    /// What the client signs, and what is signed for it.
    private func applySignatures(
        _ metadata: ClientMetadata, to client: inout Client
    ) throws(OAuthError) {
        guard !metadata.requiresSignedRequests || metadata.keys != nil else {
            throw Self.refusal("The require_signed_request_object needs jwks or jwks_uri.")
        }
        if let algorithm = metadata.userInfoAlgorithm, !algorithms.contains(algorithm) {
            throw MetadataMembers.Member.userInfoAlgorithm.refusal
        }
        client.policies.requiresSignedRequests = metadata.requiresSignedRequests
        client.policies.requestObjectAlgorithm = metadata.requestObjectAlgorithm
        client.policies.userInfoAlgorithm = metadata.userInfoAlgorithm
    }

    /// By which name the client is to know people; a sector is called by the host that it had first.
    private func subjectType(
        _ metadata: ClientMetadata, of client: Client
    ) throws(OAuthError) -> SubjectType {
        guard metadata.isPairwise else { return .public }
        // Whoever got tokens elsewhere than at an address of the sector would know its people.
        guard !metadata.redirectURIs.isEmpty, !client.policies.allowsDeviceAuthorization,
            !(registersBackchannel && client.policies.allowsBackchannelAuthentication)
        else {
            throw Self.refusal(
                "The subject_type pairwise is for clients with redirect_uris, and not for devices.")
        }
        if let old = client.policies.subjectType.sector {
            return .pairwise(Sector(host: old.host, document: metadata.sectorDocument))
        }
        let sector = Sector(of: metadata.redirectURIs, listedAt: metadata.sectorDocument)
        guard let sector else { throw ClientRefusal.mixedSector.registrationError }
        return .pairwise(sector)
    }

    private func grantTypes(_ metadata: ClientMetadata) throws(OAuthError) -> [GrantType] {
        let allowed = policy.grantTypes.filter { type in
            GrantType.registrable.contains(type) && limits?.grantTypes?.contains(type) ?? true
                && (type != .ciba || registersBackchannel)
        }
        let types = metadata.grantTypes.filter(allowed.contains)
        guard types.count == metadata.grantTypes.count || source == .document, !types.isEmpty
        else { throw Self.refusal("The grant_types hold one that may not be registered here.") }
        if types.contains(.clientCredentials) {
            guard types == [.clientCredentials], metadata.redirectURIs.isEmpty else {
                throw Self.refusal(
                    "The grant_types hold client_credentials, for clients without people only.")
            }
        } else if types == [.refreshToken] {
            throw Self.refusal("The grant_types hold none that a client can begin with.")
        }
        return types
    }

    private func checkRedirectURIs(
        _ metadata: ClientMetadata, for grantTypes: [GrantType]
    ) throws(OAuthError) {
        if grantTypes.contains(.authorizationCode), metadata.redirectURIs.isEmpty {
            throw OAuthError(.invalidRedirectURI, "The redirect_uris are missing.")
        }
        let hosts = [policy.redirectHosts, limits?.redirectHosts ?? []].filter { !$0.isEmpty }
        for uri in metadata.redirectURIs {
            guard hosts.allSatisfy({ $0.cover(uri) }) else {
                throw OAuthError(
                    .invalidRedirectURI,
                    "One of the redirect_uris leads to a host that may not be registered here.")
            }
            if metadata.applicationType == .web, uri.isOnDevice {
                throw OAuthError(
                    .invalidRedirectURI,
                    "One of the redirect_uris is for an application_type of native only.")
            }
        }
    }

    /// What kind of client it is, and how it proves who it is.
    private func identity(
        _ metadata: ClientMetadata, _ grantTypes: [GrantType]
    ) throws(OAuthError) -> (Client.Kind, Client.Authentication) {
        let isMachine = grantTypes.contains(.clientCredentials)
        let isNative = !isMachine && metadata.isNative
        let possible = RegisteredAuthentication.allCases.filter { method in
            switch method {
            case .clientSecretBasic, .clientSecretPost: !isNative && source == .request
            case .privateKeyJWT: metadata.keys != nil
            case .none: !isMachine
            case .tlsClientAuth, .selfSignedTLSClientAuth:
                metadata.authentication == method && hasCertificate(metadata, for: method)
            }
        }
        let allowed = possible.filter(policy.authentications.contains)
        let preferred = isNative ? Array(allowed.reversed()) : allowed
        guard let method = metadata.authentication ?? preferred.first, allowed.contains(method)
        else { throw Self.refusal(unfit(metadata, isNative: isNative)) }
        if isMachine { return (.machine, authentication(method, metadata)) }
        if isNative { return (.native, authentication(method, metadata)) }
        return (method == .none ? .spa : .web, authentication(method, metadata))
    }

    /// Whether the client can have a certificate here, and says which.
    private func hasCertificate(
        _ metadata: ClientMetadata, for method: RegisteredAuthentication
    ) -> Bool {
        method == .tlsClientAuth
            ? metadata.certificateName != nil && mutualTLS?.hasAuthorities ?? false
            : metadata.keys != nil && mutualTLS != nil
    }

    private func unfit(_ metadata: ClientMetadata, isNative: Bool) -> StaticString {
        switch metadata.authentication {
        case .privateKeyJWT? where metadata.keys == nil:
            "The token_endpoint_auth_method private_key_jwt needs jwks or jwks_uri."
        case .selfSignedTLSClientAuth? where metadata.keys == nil:
            "The token_endpoint_auth_method self_signed_tls_client_auth needs jwks or jwks_uri."
        case .tlsClientAuth? where metadata.certificateName == nil:
            "The token_endpoint_auth_method tls_client_auth needs one tls_client_auth_subject_dn, or one tls_client_auth_san_dns, _uri, _ip or _email."
        case .clientSecretBasic? where isNative, .clientSecretPost? where isNative:
            "The token_endpoint_auth_method needs a secret, which an application on a device has not."
        default: "The token_endpoint_auth_method may not be registered here."
        }
    }

    private func authentication(
        _ method: RegisteredAuthentication, _ metadata: ClientMetadata
    ) -> Client.Authentication {
        switch method {
        case .clientSecretBasic: .clientSecretBasic
        case .clientSecretPost: .clientSecretPost
        case .privateKeyJWT: metadata.keys.map { .privateKeyJWT($0) } ?? .none
        case .tlsClientAuth: metadata.certificateName.map { .tlsClientAuth($0) } ?? .none
        case .selfSignedTLSClientAuth:
            metadata.keys.map { .selfSignedTLSClientAuth($0) } ?? .none
        case .none: .none
        }
    }

    private func scope(
        _ metadata: ClientMetadata, for kind: Client.Kind
    ) throws(OAuthError) -> Scope {
        // A machine is nobody whose identity could be asked for.
        let scope = kind == .machine ? self.scope.subtracting(.identity) : self.scope
        guard let wanted = metadata.scope else { return scope }
        guard wanted.isSubset(of: scope) || source == .document else {
            throw Self.refusal("The scope holds a value that may not be registered here.")
        }
        return wanted.intersection(scope)
    }

    /// What it may ask for in full; not for itself, since nobody would be shown it.
    private func detailsTypes(
        _ metadata: ClientMetadata, for kind: Client.Kind
    ) throws(OAuthError) -> [String] {
        let wanted = metadata.authorizationDetailsTypes
        let known = kind == .machine ? [] : detailsTypes.filter(wanted.contains)
        guard source == .document || wanted.allSatisfy(known.contains) else {
            throw MetadataMembers.Member.authorizationDetailsTypes.refusal
        }
        return known
    }

    private func algorithm(_ metadata: ClientMetadata) throws(OAuthError) -> Algorithm {
        guard let algorithm = metadata.idTokenAlgorithm else { return .rs256 }
        guard algorithms.contains(algorithm) else {
            throw MetadataMembers.Member.idTokenAlgorithm.refusal
        }
        return algorithm
    }
}

extension ClientMetadata {
    /// True for an application on a device: it says so, or answers to it end there, or nowhere.
    fileprivate var isNative: Bool {
        switch applicationType {
        case .native?: true
        case .web?: false
        case nil where grantTypes.contains(.ciba): redirectURIs.contains(where: \.isOnDevice)
        case nil: redirectURIs.isEmpty || redirectURIs.contains(where: \.isOnDevice)
        }
    }
}

extension RedirectURI {
    /// True for an address that ends on the device of the browser (RFC 8252 §7).
    var isOnDevice: Bool { WebAddress(parsing: text)?.isLoopback ?? true }
}

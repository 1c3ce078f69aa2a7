package import GatehouseJOSE
import GatehouseProtocol

/// What a client promises to do, by one name: a set of demands that its registration is held to,
/// and its requests.
package enum ClientProfile: String, Sendable, CaseIterable {
    /// The defaults of this server, which are those of OAuth 2.1 and RFC 9700.
    case standard
    /// The client is let off one of these defaults, which is written to the audit.
    case legacy
    /// FAPI 2.0 Security Profile, with DPoP or mutual TLS.
    case fapi2
    /// FAPI 2.0 Message Signing: the same, and all that travels through a browser is signed.
    case fapi2MessageSigning = "fapi2-message-signing"

    /// What a client of the profile has to do.
    package var demands: [ProfileDemand] {
        switch self {
        case .standard, .legacy: []
        case .fapi2: ProfileDemand.ofSecurityProfile
        case .fapi2MessageSigning:
            ProfileDemand.ofSecurityProfile
                + [.signedRequests, .signedResponses, .signedIntrospection]
        }
    }

    /// The algorithms that may sign whatever a client of the profile sends or gets (FAPI 2.0
    /// Security Profile §5.4).
    package var algorithms: [Algorithm] {
        demands.contains(.strongAlgorithms)
            ? Algorithm.allCases.filter { $0 != .rs256 } : Algorithm.allCases
    }

    package func asks(for demand: ProfileDemand) -> Bool { demands.contains(demand) }
}

/// One thing that a profile asks of a client.
package enum ProfileDemand: Sendable, CaseIterable {
    case keyAuthentication
    case pushedRequests
    case boundTokens
    case strongAlgorithms
    case proofKeys
    case stableRefreshTokens
    case secureRedirects
    case noOtherDevice
    case signedRequests
    case signedResponses
    case signedIntrospection

    fileprivate static let ofSecurityProfile: [ProfileDemand] = [
        .keyAuthentication, .pushedRequests, .boundTokens, .strongAlgorithms, .proofKeys,
        .stableRefreshTokens, .secureRedirects, .noOtherDevice,
    ]

    /// What is asked for, in words for whoever registers a client.
    package var words: StaticString {
        switch self {
        case .keyAuthentication: "authentication by private_key_jwt or mutual TLS"
        case .pushedRequests: "pushed authorization requests"
        case .boundTokens: "access tokens that are bound by DPoP or mutual TLS"
        case .strongAlgorithms: "signatures by PS256, ES256 or EdDSA"
        case .proofKeys: "PKCE"
        case .stableRefreshTokens: "refresh tokens that stay (rotation stable)"
        case .secureRedirects: "redirect URIs that begin with https://"
        case .noOtherDevice: "no device authorization"
        case .signedRequests: "signed request objects"
        case .signedResponses: "response modes that end in .jwt, and no others"
        case .signedIntrospection: "signed introspection answers"
        }
    }

    /// Whether a client is registered so that it can do what is asked.
    package func isMet(by client: Client) -> Bool {
        let policies = client.policies
        switch self {
        case .keyAuthentication: return client.authentication.isByKey
        case .pushedRequests: return policies.requiresPushedRequests
        case .boundTokens: return policies.tokenBinding != .proven
        case .strongAlgorithms:
            return ![
                policies.idTokenAlgorithm, policies.accessTokenAlgorithm,
                policies.userInfoAlgorithm, policies.requestObjectAlgorithm,
            ].contains(.rs256)
        case .proofKeys: return policies.requiresPKCE
        case .stableRefreshTokens: return policies.rotation == .stable
        case .secureRedirects:
            return client.redirectURIs.allSatisfy { $0.text.utf8.starts(with: "https://".utf8) }
        case .noOtherDevice: return !policies.allowsDeviceAuthorization
        case .signedRequests: return policies.requiresSignedRequests
        case .signedResponses: return policies.responseModes.allSatisfy(\.isSigned)
        case .signedIntrospection: return true
        }
    }
}

extension Client {
    /// What the client's profile asks for and its registration does not promise.
    package var contradictions: [ProfileDemand] {
        policies.profile.demands.filter { !$0.isMet(by: self) }
    }

    /// Where the client is let off a default that is strict for a reason: for the audit.
    package var exceptions: [String] {
        var exceptions: [String] = []
        if !policies.requiresPKCE { exceptions.append("pkce_not_required") }
        if policies.refreshTokens == .always { exceptions.append("refresh_token_always") }
        if policies.userInfoScope == .registered { exceptions.append("userinfo_registered") }
        return exceptions
    }

    /// Takes on a profile, and with it the settings that it asks for.
    ///
    /// What is no setting, such as keys and addresses, stays to be told.
    package mutating func adopt(_ profile: ClientProfile) {
        policies.profile = profile
        if profile.asks(for: .pushedRequests) { policies.requiresPushedRequests = true }
        if profile.asks(for: .boundTokens), policies.tokenBinding == .proven {
            policies.requiresDPoP = true
        }
        if profile.asks(for: .proofKeys) { policies.requiresPKCE = true }
        if profile.asks(for: .stableRefreshTokens) { policies.rotation = .stable }
        if profile.asks(for: .signedRequests) { policies.requiresSignedRequests = true }
        if profile.asks(for: .signedResponses) {
            let signed = policies.responseModes.filter(\.isSigned)
            policies.responseModes = signed.isEmpty ? [.signedQuery] : signed
        }
        guard profile.asks(for: .strongAlgorithms) else { return }
        if policies.idTokenAlgorithm == .rs256 { policies.idTokenAlgorithm = .es256 }
        if policies.accessTokenAlgorithm == .rs256 { policies.accessTokenAlgorithm = .es256 }
        if policies.userInfoAlgorithm == .rs256 { policies.userInfoAlgorithm = .es256 }
        if policies.requestObjectAlgorithm == .rs256 { policies.requestObjectAlgorithm = nil }
    }

    /// Calls a client by what it is: one that is let off a default is no standard one.
    package mutating func settleProfile() {
        guard policies.profile == .standard, !exceptions.isEmpty else { return }
        policies.profile = .legacy
    }
}

extension ClientProfile {
    /// Why a request is refused that does not do what is asked, in words that name the profile; nil
    /// where the profile does not ask for it.
    func refusal(lacking demand: ProfileDemand) -> StaticString? {
        switch (self, demand) {
        case (.fapi2, .pushedRequests):
            "This client's profile fapi2 asks for pushed requests (RFC 9126)."
        case (.fapi2MessageSigning, .pushedRequests):
            "This client's profile fapi2-message-signing asks for pushed requests (RFC 9126)."
        case (.fapi2, .boundTokens):
            "This client's profile fapi2 asks for a DPoP proof (RFC 9449)."
        case (.fapi2MessageSigning, .boundTokens):
            "This client's profile fapi2-message-signing asks for a DPoP proof (RFC 9449)."
        case (.fapi2, .strongAlgorithms):
            "This client's profile fapi2 asks for PS256, ES256 or EdDSA."
        case (.fapi2MessageSigning, .strongAlgorithms):
            "This client's profile fapi2-message-signing asks for PS256, ES256 or EdDSA."
        case (.fapi2MessageSigning, .signedRequests):
            "This client's profile fapi2-message-signing asks for signed requests (RFC 9101)."
        case (.fapi2MessageSigning, .signedResponses):
            "This client's profile fapi2-message-signing asks for a response_mode of JARM."
        default: nil
        }
    }
}

package import GatehouseProtocol

/// How the clients of a tenant may make themselves known, and as what.
///
/// Nothing is open unless the tenant opens it.
package struct RegistrationPolicy: Sendable, Hashable {
    /// Who may register over HTTP (RFC 7591).
    package var mode = Mode.off
    /// Whose documents may name a client.
    package var documents = DocumentTrust()
    package var grantTypes: [GrantType] = [.authorizationCode, .refreshToken]
    package var authentications = RegisteredAuthentication.allCases
    /// What may be registered to be asked for; nil for the identity scopes and whatever a resource of
    /// the tenant knows.
    package var scope: Scope? = .identity
    /// Where answers may go; none means anywhere.
    package var redirectHosts: [HostRule] = []
    /// How long a client is kept that nobody uses.
    package var unusedLifetime = Lifetime.days(30)
    /// How many clients may be known that no operator registered.
    package var mostClients = 10_000

    package init() {}

    /// Who may register a client over HTTP.
    package enum Mode: String, Sendable, CaseIterable {
        case off
        /// Whoever has a token of the operator's.
        case initialAccessToken = "initial-access-token"
        /// Everybody.
        case open
    }

    /// What can be set.
    package static let unusedRange = Lifetime.hours(1)...Lifetime.days(365)
    package static let mostRange = 1...1_000_000

    /// What metadata tells of it.
    package var support: RegistrationSupport {
        RegistrationSupport(
            takesRegistrations: mode != .off,
            takesMetadataDocuments: documents.mode != .off)
    }

    /// False if clients of this origin are not let in any more.
    func admits(_ origin: Client.Origin) -> Bool {
        switch origin {
        case .administrator, .registered: true
        case .metadataDocument(let address): documents.trusts(address.host)
        }
    }

    /// What the MCP authorization profile of 2026-07-28 asks of a server, beyond what every tenant
    /// does: metadata documents, and registration for clients that have none; public clients and
    /// those that sign; scopes of the resources.
    package static let mcp: RegistrationPolicy = {
        var policy = RegistrationPolicy()
        policy.mode = .open
        policy.documents.mode = .any
        policy.authentications = [.none, .privateKeyJWT]
        policy.scope = nil
        return policy
    }()
}

extension GrantType {
    /// What a client can be registered for by itself.
    ///
    /// The others let a client act for people who are not there: an operator says for whom, by name.
    /// With CIBA these are asked; whether strangers may ask them is up to the tenant.
    package static let registrable: [GrantType] = [
        .authorizationCode, .refreshToken, .clientCredentials, .deviceCode, .ciba,
    ]
}

/// Whose metadata documents are believed as far as one believes what anybody says of themselves.
package struct DocumentTrust: Sendable, Hashable {
    package var mode = Mode.off
    package var allowed: [HostRule] = []
    /// Hosts that are never asked, whatever else is said.
    package var denied: [HostRule] = []

    package enum Mode: String, Sendable, CaseIterable {
        case off
        /// The hosts that are allowed by name.
        case listed
        /// All hosts that are not denied.
        case any
    }

    package init() {}

    /// True if documents of the host are taken.
    package func trusts(_ host: String) -> Bool {
        guard !denied.contains(where: { $0.covers(host) }) else { return false }
        return switch mode {
        case .off: false
        case .listed: allowed.contains { $0.covers(host) }
        case .any: true
        }
    }
}

/// The ways to authenticate that a client can register, by their registered names.
package enum RegisteredAuthentication: String, Sendable, Hashable, CaseIterable {
    case clientSecretBasic = "client_secret_basic"
    case clientSecretPost = "client_secret_post"
    case privateKeyJWT = "private_key_jwt"
    case none
    case tlsClientAuth = "tls_client_auth"
    case selfSignedTLSClientAuth = "self_signed_tls_client_auth"
}

/// What an initial access token lets its holder register, where that is less than the policy.
package struct RegistrationLimits: Sendable, Hashable {
    package var scope: Scope?
    package var grantTypes: [GrantType]?
    package var redirectHosts: [HostRule] = []

    package init() {}
}

package import GatehouseJOSE
package import GatehouseProtocol

/// Where the keys are that a client signs with (RFC 7591 §2: `jwks` or `jwks_uri`, never both).
package enum ClientKeys: Sendable {
    case registered(JSONWebKeySet)
    case published(OutboundAddress)
}

extension Client {
    /// How a client proves who it is: the one way that it is registered with, and no other.
    package enum Authentication: Sendable {
        /// It proves nothing: it is public (RFC 6749 §2.1).
        case none
        /// By a secret, sent in a header or in the form.
        case clientSecret
        /// By a secret in a header.
        case clientSecretBasic
        /// By a secret in the form.
        case clientSecretPost
        /// By a signature of its own (OpenID Connect Core §9).
        case privateKeyJWT(ClientKeys)
        /// By a certificate that says this, and that an authority vouches for (RFC 8705 §2.1).
        case tlsClientAuth(CertificateName)
        /// By a certificate of its own, with one of these keys (RFC 8705 §2.2).
        case selfSignedTLSClientAuth(ClientKeys)

        /// How a client proves itself that was registered without a word about it.
        init(for kind: Kind) {
            self = kind.isConfidential ? .clientSecret : .none
        }

        /// The name that commands and the database have for it; but for the first of the secrets it
        /// is the registered one.
        package var name: String {
            switch self {
            case .none: "none"
            case .clientSecret: "secret"
            case .clientSecretBasic: "client_secret_basic"
            case .clientSecretPost: "client_secret_post"
            case .privateKeyJWT: "private_key_jwt"
            case .tlsClientAuth: "tls_client_auth"
            case .selfSignedTLSClientAuth: "self_signed_tls_client_auth"
            }
        }

        /// True if it takes a secret.
        package var needsSecret: Bool {
            switch self {
            case .clientSecret, .clientSecretBasic, .clientSecretPost: true
            case .none, .privateKeyJWT, .tlsClientAuth, .selfSignedTLSClientAuth: false
            }
        }

        /// True if it is a key that proves who the client is, and no secret that others know too.
        package var isByKey: Bool {
            switch self {
            case .privateKeyJWT, .tlsClientAuth, .selfSignedTLSClientAuth: true
            case .none, .clientSecret, .clientSecretBasic, .clientSecretPost: false
            }
        }

        /// What its certificate has to say, if that is how it proves itself.
        package var certificateName: CertificateName? {
            if case .tlsClientAuth(let name) = self { name } else { nil }
        }

        /// The keys of the client, if it has any.
        package var keys: ClientKeys? {
            switch self {
            case .privateKeyJWT(let keys), .selfSignedTLSClientAuth(let keys): keys
            case .none, .clientSecret, .clientSecretBasic, .clientSecretPost, .tlsClientAuth: nil
            }
        }
    }

    /// The keys that its signatures are checked with, if it has any.
    package var keys: ClientKeys? { authentication.keys ?? requestKeys }

    /// True if it proves who it is (RFC 6749 §2.1).
    package var isConfidential: Bool {
        if case .none = authentication { false } else { true }
    }
}

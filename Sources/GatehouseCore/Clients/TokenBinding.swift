/// What a client's access tokens are bound to, so that they are of no use to whoever finds them.
package enum TokenBinding: String, Sendable, CaseIterable {
    /// To the key that a request proves to have, and to nothing if it proves none.
    case proven
    /// To a key in any case (`dpop_bound_access_tokens`, RFC 9449 §5.2).
    case key
    /// To a certificate in any case (`tls_client_certificate_bound_access_tokens`, RFC 8705 §3.4).
    case certificate
}

extension ClientPolicies {
    /// True if the client gets no token without proving that it has a key.
    package var requiresDPoP: Bool {
        get { tokenBinding == .key }
        set { require(.key, newValue) }
    }

    /// True if the client gets no token without showing a certificate.
    package var requiresCertificate: Bool {
        get { tokenBinding == .certificate }
        set { require(.certificate, newValue) }
    }

    /// Asks for one binding instead of another, or for none if it was this one that was asked for.
    private mutating func require(_ binding: TokenBinding, _ isRequired: Bool) {
        if isRequired {
            tokenBinding = binding
        } else if tokenBinding == binding {
            tokenBinding = .proven
        }
    }
}

/// What an installation offers to clients that have certificates (RFC 8705).
package struct MutualTLSSupport: Sendable, Hashable {
    /// True if there are authorities that may vouch for a certificate.
    package let hasAuthorities: Bool
    /// Where such clients find the endpoints, if that is another address.
    private let base: BaseURL?

    package init(hasAuthorities: Bool, base: BaseURL?) {
        self.hasAuthorities = hasAuthorities
        self.base = base
    }

    /// The ways in which a client can say who it is, by their registered names.
    package var methods: [String] {
        (hasAuthorities ? ["tls_client_auth"] : []) + ["self_signed_tls_client_auth"]
    }

    /// Where the endpoints of an issuer are found, if that is another address: below the name that
    /// the issuer has in its own.
    package func address(of issuer: Issuer) -> String? {
        base.map { $0.text + "/t/" + issuer.name }
    }
}

extension Issuer {
    /// The slug of its tenant, or the host of its own.
    private var host: Substring {
        origin.drop { $0 != "/" }.drop { $0 == "/" }.prefix { $0 != ":" }
    }

    /// What tells it from the others of the installation: a slug, or a host of its own.
    package var name: Substring {
        path.isEmpty ? host : path.split(separator: "/").last ?? host
    }
}

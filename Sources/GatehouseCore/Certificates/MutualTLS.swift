package import GatehouseProtocol
package import GatehouseX509

/// What the installation offers of mutual TLS (RFC 8705), where it asks clients for certificates, or
/// has a proxy that does.
package struct MutualTLS: Sendable {
    /// Who may vouch for certificates; nil if nobody may, so that a client can only have keys of its
    /// own.
    package let authorities: CertificateAuthorities?
    /// Where clients with certificates find the endpoints, if that is another address.
    package let base: BaseURL?

    package init(authorities: CertificateAuthorities?, base: BaseURL?) {
        self.authorities = authorities
        self.base = base
    }

    /// What metadata tells of it.
    package var support: MutualTLSSupport {
        MutualTLSSupport(hasAuthorities: authorities != nil, base: base)
    }
}

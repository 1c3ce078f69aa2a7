private import GatehouseEncoding
package import GatehouseProtocol

/// The hosts that tenants answer at besides the address of the installation.
package struct TenantHosts: Sendable {
    /// Where a request goes, as far as its `Host` tells.
    package enum Destination: Sendable, Equatable {
        /// To the address of the installation, where paths name tenants.
        case installation
        /// To what may be a tenant's own host.
        case tenant(HostName)
        /// To the address at which clients show certificates, where paths name tenants.
        case mutualTLS(BaseURL)
        /// To a host that is none of ours.
        case elsewhere
    }

    private let base: BaseURL
    /// The base URL's host and port as clients write them, which nearly every request does.
    private let baseAuthority: String
    /// The domain whose every label is a tenant's slug.
    private let tenantDomain: HostName?
    private let hasCustomDomains: Bool
    /// Where clients show certificates, if that is another address.
    private let mutualTLS: BaseURL?

    package init(
        base: BaseURL, below tenantDomain: HostName?, customDomains: Bool,
        mutualTLS: BaseURL? = nil
    ) {
        self.mutualTLS = mutualTLS
        self.base = base
        baseAuthority = base.host + (base.port.map { ":\($0)" } ?? "")
        self.tenantDomain = tenantDomain
        hasCustomDomains = customDomains
    }

    /// Where a request goes.
    ///
    /// Where tenants have no hosts every host will do, since proxies write what they like there. Where
    /// they have, one that is not known must not be mistaken for another.
    package func destination(of authority: String?) -> Destination {
        guard let authority, !authority.isExactly(baseAuthority) else { return .installation }
        let (host, port) = Self.split(authority)
        if let mutualTLS, Self.names(mutualTLS, host, port) { return .mutualTLS(mutualTLS) }
        guard tenantDomain != nil || hasCustomDomains else { return .installation }
        if isInstallation(host) { return .installation }
        guard let name = HostName(host: host), port == base.port || Self.isDefault(port, of: base),
            hasCustomDomains || tenantDomain.flatMap(name.label(below:)) != nil
        else { return .elsewhere }
        return .tenant(name)
    }

    /// The slug that a host has as its first label, if tenants answer below its domain.
    package func slug(in host: HostName) -> String? {
        tenantDomain.flatMap(host.label(below:))
    }

    /// The base URL's own host, whatever the port is that a proxy makes of it, or a loopback host:
    /// whoever asks there is on this machine.
    private func isInstallation(_ host: Substring) -> Bool {
        ([base.host] + Self.loopback).contains {
            WireText.equalIgnoringCase(String(host), $0)
        }
    }

    private static let loopback = ["localhost", "127.0.0.1", "[::1]"]

    private static func isDefault(_ port: Int?, of base: BaseURL) -> Bool {
        base.port == nil && port == (base.scheme == "https" ? 443 : 80)
    }

    /// Whether a host and a port are those of an address.
    private static func names(_ address: BaseURL, _ host: Substring, _ port: Int?) -> Bool {
        WireText.equalIgnoringCase(String(host), address.host)
            && (port == address.port || isDefault(port, of: address))
    }

    private static func split(_ authority: String) -> (host: Substring, port: Int?) {
        guard let colon = authority.utf8.lastIndex(of: UInt8(ascii: ":")),
            authority.utf8.last != UInt8(ascii: "]")
        else { return (authority[...], nil) }
        let digits = authority[authority.index(after: colon)...]
        // What is no number as we would write it is no port of ours either.
        let port = Int(digits).flatMap { String($0).utf8.elementsEqual(digits.utf8) ? $0 : nil }
        return (authority[..<colon], port ?? -1)
    }
}

package import GatehouseProtocol

/// A path below a tenant's address: the tenant that it is about, and the rest.
package struct TenantPath {
    /// What names a tenant.
    package enum Name: Sendable {
        /// What should be its slug, as it stands in the path.
        case slug(Substring)
        /// What should be a host of its own.
        case host(HostName)
    }

    package let tenant: Name
    /// The path below the tenant's address; it begins with a slash.
    package let rest: Substring

    /// Takes apart where a request goes; nil if that is no tenant's address.
    package init?(_ path: Substring, at destination: TenantHosts.Destination, base: BaseURL) {
        switch destination {
        case .installation: self.init(path, base: base)
        case .tenant(let host): self.init(tenant: .host(host), rest: path)
        case .mutualTLS(let base): self.init(path, alias: base)
        case .elsewhere: return nil
        }
    }

    private init(tenant: Name, rest: Substring) {
        self.tenant = tenant
        self.rest = rest
    }

    /// Splits `{base}/t/{slug}/…`, and the well-known names that stand before it (RFC 8414 §3.1):
    /// `/.well-known/{name}{base}/t/{slug}` is `/.well-known/{name}` below that address.
    ///
    /// A path that looks different in any byte names no tenant here.
    init?(_ path: Substring, base: BaseURL) {
        let bytes = path.utf8
        if let slug = Self.tail(of: bytes, after: base.path) {
            let end = slug.firstIndex(of: UInt8(ascii: "/")) ?? slug.endIndex
            self.init(tenant: .slug(Substring(slug[..<end])), rest: Substring(slug[end...]))
            return
        }
        for name in Self.insertable where bytes.starts(with: name.utf8) {
            let address = bytes.dropFirst(name.utf8.count)
            guard let slug = Self.tail(of: address, after: base.path),
                !slug.contains(UInt8(ascii: "/"))
            else { continue }
            self.init(tenant: .slug(Substring(slug)), rest: name[...])
            return
        }
        return nil
    }

    /// Splits `{base}/t/{name}/…`, where the name is a slug, or the host that a tenant has of its
    /// own: one address serves clients with certificates, whatever their issuer is called.
    private init?(_ path: Substring, alias base: BaseURL) {
        guard let rest = Self.tail(of: path.utf8, after: base.path) else { return nil }
        let end = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
        let name = Substring(rest[..<end])
        let host = name.utf8.contains(UInt8(ascii: ".")) ? HostName(parsing: String(name)) : nil
        self.init(tenant: host.map { .host($0) } ?? .slug(name), rest: Substring(rest[end...]))
    }

    /// What follows `{base}/t/`.
    private static func tail(
        of path: Substring.UTF8View, after base: String
    ) -> Substring.UTF8View? {
        guard path.starts(with: base.utf8) else { return nil }
        let rest = path.dropFirst(base.utf8.count)
        return rest.starts(with: "/t/".utf8) ? rest.dropFirst(3) : nil
    }

    private static let insertable = [
        Endpoint.openIDConfiguration.path, Endpoint.authorizationServerMetadata.path,
    ]
}

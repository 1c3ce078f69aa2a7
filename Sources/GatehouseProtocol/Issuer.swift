/// An issuer identifier: the address that a tenant answers at, byte for byte (RFC 8414 §2).
public struct Issuer: Sendable, Hashable {
    /// The identifier: https or http, a host, maybe a port and a path, no query, no fragment, no
    /// slash at the end.
    public let text: String

    /// Makes an issuer of a base URL and a tenant's slug.
    ///
    /// Both are checked ASCII.
    package init(base: BaseURL, slug: String) {
        text = base.text + "/t/" + slug
    }

    /// Makes the issuer of a tenant that has a host of its own: scheme and port are those of the
    /// base URL.
    package init(base: BaseURL, host: HostName) {
        text = base.scheme + "://" + host.text + (base.port.map { ":\($0)" } ?? "")
    }

    /// Takes an issuer from the database, where only issuers are put.
    package init(stored text: String) {
        self.text = text
    }

    /// Scheme, host and maybe port: what browsers send as `Origin` from a page of the issuer.
    package var origin: Substring { text[..<pathStart] }

    /// The path below the host: empty for a host of its own.
    package var path: Substring { text[pathStart...] }

    private var pathStart: String.Index {
        let scheme = text.utf8.firstIndex(of: UInt8(ascii: ":")) ?? text.startIndex
        let host = text.utf8[scheme...].dropFirst("://".utf8.count)
        return host.firstIndex(of: UInt8(ascii: "/")) ?? text.endIndex
    }

    /// Where a path below the issuer is found.
    ///
    /// The path begins with a slash.
    public func url(_ path: String) -> String { text + path }
}

/// The address that this installation is reached at from outside.
package struct BaseURL: Sendable, Hashable {
    /// Scheme, host and maybe port and path, with no slash at the end.
    package let text: String
    /// Scheme, host and maybe port: what browsers send as `Origin`.
    package let origin: String
    package let scheme: String
    package let host: String
    package let port: Int?
    /// The path below the host that everything is served under; empty for most.
    package let path: String

    /// What is wrong with a text that should be a base URL.
    package enum Malformed: Error, Sendable, Equatable {
        case notAnAddress
        case needsHTTPS
    }

    /// Parses `https://host[:port][/path]`; plain http only on a loopback host.
    package init(parsing text: String) throws(Malformed) {
        var bytes = Array(text.utf8)
        while bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
        guard let trimmed = String(validating: bytes, as: UTF8.self),
            let address = WebAddress(parsing: trimmed), address.query == nil
        else { throw .notAnAddress }
        guard address.scheme == "https" || address.isLoopback else { throw .needsHTTPS }
        self.text = trimmed
        self.origin = address.origin
        self.scheme = address.scheme
        self.host = address.host
        self.port = address.port
        self.path = address.path
    }
}

package import GatehouseProtocol

/// By which name a client knows people (OpenID Connect Core §8).
package enum SubjectType: Sendable, Hashable {
    /// By the same as all clients.
    case `public`
    /// By one that nobody outside the sector knows.
    case pairwise(Sector)

    /// The registered name.
    package var name: String {
        switch self {
        case .public: "public"
        case .pairwise: "pairwise"
        }
    }

    /// The sector, if names are of one.
    package var sector: Sector? {
        if case .pairwise(let sector) = self { sector } else { nil }
    }
}

/// Clients that know a person by the same name, because they belong together (OpenID Connect Core
/// §8.1).
package struct Sector: Sendable, Hashable {
    /// The host by which the sector is called: whoever knew it by another name would take people
    /// for others.
    package let host: String
    /// Where the redirect URIs of the sector are listed (`sector_identifier_uri`).
    package var document: OutboundAddress?

    package init(host: String, document: OutboundAddress?) {
        self.host = host
        self.document = document
    }

    /// The sector of a client: that of the list where there is one, or else the one host of its
    /// redirect URIs.
    ///
    /// Nil if these are of several hosts, or of none.
    package init?(of redirectURIs: [RedirectURI], listedAt document: OutboundAddress?) {
        if let document {
            self.init(host: document.host, document: document)
            return
        }
        let hosts = redirectURIs.map(\.host)
        guard let first = hosts.first, let host = first, hosts.allSatisfy({ $0 == host }) else {
            return nil
        }
        self.init(host: host, document: nil)
    }
}

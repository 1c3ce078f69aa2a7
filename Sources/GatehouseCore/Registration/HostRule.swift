import GatehouseProtocol

/// Hosts by their name: one, or with `*.` in front all below it.
package struct HostRule: Sendable, Hashable {
    package let text: String

    /// Reads a rule; nil if it is not a host in lower case.
    package init?(parsing text: String) {
        let host = text.utf8.starts(with: "*.".utf8) ? String(text.dropFirst(2)) : text
        guard let address = WebAddress(parsing: "https://" + host), address.port == nil,
            address.path.isEmpty, address.query == nil
        else { return nil }
        self.text = text
    }

    /// True if the rule is about the host.
    package func covers(_ host: String) -> Bool {
        guard text.utf8.starts(with: "*.".utf8) else {
            return host.utf8.elementsEqual(text.utf8)
        }
        let tail = Array(text.utf8.dropFirst())
        return host.utf8.count > tail.count && host.utf8.suffix(tail.count).elementsEqual(tail)
    }
}

extension [HostRule] {
    /// True if one of the rules is about the host that the address leads to.
    func cover(_ uri: RedirectURI) -> Bool {
        guard let host = WebAddress(parsing: uri.text)?.host else { return false }
        return contains { $0.covers(host) }
    }
}

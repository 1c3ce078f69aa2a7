/// What trusted proxies say about a request.
package struct ForwardedFor: Sendable {
    /// The values of the headers that proxies write, in order.
    package struct Lines: Sendable {
        /// The values of `X-Forwarded-For`.
        package var forwardedFor: [String] = []
        /// The values of `Forwarded`.
        package var forwarded: [String] = []
        /// The values of `X-Forwarded-Proto`.
        package var forwardedProto: [String] = []
        /// The values of `X-Request-Id`.
        package var requestID: [String] = []

        /// No such headers.
        package init() {}
    }

    private let lines: Lines
    private let peer: IPAddress?
    private let proxies: TrustedProxies

    /// Takes the headers, who sent them (`nil` is a local socket), and whom to believe.
    package init(_ lines: Lines, peer: IPAddress?, proxies: TrustedProxies) {
        self.lines = lines
        self.peer = peer
        self.proxies = proxies
    }

    /// The right-most address that is not a trusted proxy's.
    ///
    /// Read from the right, because a client can write anything at the left. The peer's own
    /// address when the peer is not trusted, when an entry is not an address, and when
    /// `X-Forwarded-For` and `Forwarded` (RFC 7239) disagree: one of the two is the client's.
    package var clientAddress: IPAddress? {
        guard proxies.contains(peer) else { return peer }
        let claims = [entries(of: lines.forwardedFor), forwardedEntries].filter { !$0.isEmpty }
        let addresses = claims.map(rightmostUntrusted)
        guard let first = addresses.first, let address = first,
            addresses.allSatisfy({ $0 == address })
        else { return peer }
        return address
    }

    /// Whether a trusted proxy says that the client's connection is encrypted.
    package var isSecure: Bool {
        guard proxies.contains(peer) else { return false }
        let entries = entries(of: lines.forwardedProto)
        return !entries.isEmpty
            && entries.allSatisfy { WireText.equalIgnoringCase($0, "https") }
    }

    /// The request id that a trusted proxy chose: 1 to 64 letters, digits, `_` or `-`.
    package var requestID: String? {
        guard proxies.contains(peer) else { return nil }
        let values = lines.requestID
        guard values.count == 1, (1...64).contains(values[0].utf8.count),
            values[0].utf8.allSatisfy({ WireText.isAlphanumeric($0) || "_-".utf8.contains($0) })
        else { return nil }
        return values[0]
    }

    private func rightmostUntrusted(_ entries: [ArraySlice<UInt8>]) -> IPAddress? {
        var last: IPAddress?
        for entry in entries.reversed() {
            guard let address = Self.address(entry) else { return nil }
            if !proxies.contains(address) { return address }
            last = address
        }
        return last
    }

    private func entries(of lines: [String]) -> [ArraySlice<UInt8>] {
        lines.flatMap { line in
            Array(line.utf8)
                .split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
                .map(WireText.trimmed)
        }
    }

    /// The `for` parameters of `Forwarded`, an empty entry where one is missing or doubled.
    private var forwardedEntries: [ArraySlice<UInt8>] {
        entries(of: lines.forwarded).map { element in
            let values = element.split(separator: UInt8(ascii: ";")).compactMap {
                let parameter = WireText.trimmed($0)
                let isFor = WireText.equalIgnoringCase(parameter.prefix(4), "for=")
                return isFor ? parameter.dropFirst(4) : nil
            }
            guard values.count == 1, let value = values.first else { return [] }
            let quote = UInt8(ascii: "\"")
            guard value.count >= 2, value.first == quote, value.last == quote else { return value }
            return value.dropFirst().dropLast()
        }
    }

    /// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:4711`.
    private static func address(_ bytes: ArraySlice<UInt8>) -> IPAddress? {
        let text = String(decoding: bytes, as: UTF8.self)
        if let address = IPAddress(text) { return address }
        let isBracketed = bytes.first == UInt8(ascii: "[")
        let end = bytes.firstIndex(of: UInt8(ascii: isBracketed ? "]" : ":"))
        guard let end else { return nil }
        let host = bytes[..<end].dropFirst(isBracketed ? 1 : 0)
        let port = bytes[end...].dropFirst(isBracketed ? 1 : 0)
        let isPortValid =
            isBracketed && port.isEmpty
            || port.first == UInt8(ascii: ":") && WireNumber(port.dropFirst(), upTo: 65535) != nil
        guard isPortValid, host.contains(UInt8(ascii: ":")) == isBracketed else { return nil }
        return IPAddress(String(decoding: host, as: UTF8.self))
    }
}

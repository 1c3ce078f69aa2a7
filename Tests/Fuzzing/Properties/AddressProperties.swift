import GatehouseEncoding
import GatehouseProtocol
import Glibc

/// Addresses are those that the operating system reads, and only proxies that are trusted are
/// believed.
///
/// The lines of an input: an address; ranges of proxies; the peer; `X-Forwarded-For`;
/// `Forwarded`; `Host`.
enum AddressProperties {
    static func check(_ input: [UInt8]) throws(Violation) {
        var lines = lines(of: input)
        while lines.count < 6 { lines.append("") }
        try checkAddress(lines[0])
        try checkHost(lines[5])
        let ranges = lines[1].utf8.split(separator: UInt8(ascii: ",")).map { String($0) ?? "" }
        let read = Result { () throws(InvalidProxyRange) in try TrustedProxies(ranges) }
        guard case .success(let proxies) = read else { return }
        let peer = IPAddress(lines[2])
        var claims = ForwardedFor.Lines()
        if !lines[3].isEmpty { claims.forwardedFor = [lines[3]] }
        if !lines[4].isEmpty { claims.forwarded = [lines[4]] }
        claims.forwardedProto = ["https"]
        try checkBelief(in: claims, peer: peer, proxies: proxies)
    }

    private static func checkAddress(_ text: String) throws(Violation) {
        let address = IPAddress(text)
        let isSystems = !text.utf8.contains(0) && text.utf8.count <= 45 && value(of: text) != nil
        try require((address != nil) == isSystems, "An address is what the system reads as one.")
        guard let address else { return }
        try require(address.value == value(of: text), "Its bits are those the system reads.")
        let canonical = address.description
        try require(IPAddress(canonical) == address, "An address that is written is the same.")
        try require(canonical.utf8.count <= 45, "A canonical text is not too long.")
        let own = Result { () throws(InvalidProxyRange) in try TrustedProxies([text]) }
        guard case .success(let own) = own else {
            throw Violation(description: "An address is a range of one.")
        }
        try require(own.contains(address), "A range of one holds it.")
        try require(!own.contains(IPAddress(value: address.value ^ 1)), "And not its neighbour.")
    }

    /// The bits of an address by `inet_pton`.
    private static func value(of text: String) -> UInt128? {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 {
            return bytes[..<4].reduce(0xFFFF) { $0 << 8 | UInt128($1) }
        }
        guard inet_pton(AF_INET6, text, &bytes) == 1 else { return nil }
        return bytes.reduce(0) { $0 << 8 | UInt128($1) }
    }

    private static func checkBelief(
        in claims: ForwardedFor.Lines, peer: IPAddress?, proxies: TrustedProxies
    ) throws(Violation) {
        let forwarded = ForwardedFor(claims, peer: peer, proxies: proxies)
        let client = forwarded.clientAddress
        guard proxies.contains(peer) else {
            try require(client == peer && !forwarded.isSecure, "A stranger is not believed.")
            return
        }
        try require(forwarded.isSecure, "A trusted proxy is believed.")
        guard let client, client != peer else { return }
        let texts = (claims.forwardedFor + claims.forwarded).joined(separator: ",")
        try require(mentions(texts, client), "The client is one that a header names.")
        guard !proxies.contains(client) else { return }
        // The client writes the beginning of the header, and its own address comes after that.
        var longer = claims
        longer.forwardedFor = longer.forwardedFor.map { "203.0.113.9, x, " + $0 }
        longer.forwarded = longer.forwarded.map { "for=203.0.113.9, x, " + $0 }
        let again = ForwardedFor(longer, peer: peer, proxies: proxies).clientAddress
        try require(again == client, "What a client writes at the left changes nothing.")
    }

    /// Whether one of the words of the text, or a word without its port, is the address.
    private static func mentions(_ text: String, _ address: IPAddress) -> Bool {
        let words = text.split { ",; \t=\"[]".contains($0) }
        return words.contains { word in
            IPAddress(word) == address
                || word.lastIndex(of: ":").map { IPAddress(word[..<$0]) == address } ?? false
        }
    }

    /// A host that is valid is one host, maybe with a port, and no mark that others act on.
    private static func checkHost(_ text: String) throws(Violation) {
        guard HostHeader.isValid(text) else { return }
        try require(text.utf8.count <= 253 + 6, "A host is not too long.")
        let isPlain = text.utf8.allSatisfy { byte in
            let isLetter = (0x41...0x5A).contains(byte & 0xDF)
            return isLetter || (0x30...0x3A).contains(byte) || "-.[]".utf8.contains(byte)
        }
        try require(isPlain, "A host has no other marks.")
        guard text.utf8.first == UInt8(ascii: "[") else {
            let sides = text.utf8.split(
                separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            try require(sides.count <= 2 && !sides[0].isEmpty, "A host has one port at most.")
            try require(sides.count == 1 || isPort(sides[1]), "A port is a number.")
            return
        }
        let sides = text.utf8.split(separator: UInt8(ascii: "]"), omittingEmptySubsequences: false)
        let address = String(sides[0].dropFirst()) ?? ""
        try require(value(of: address) != nil, "An address in brackets is one.")
        try require(sides.count == 2, "Brackets close once.")
        try require(
            sides[1].isEmpty || sides[1].first == UInt8(ascii: ":") && isPort(sides[1].dropFirst()),
            "A port is a number.")
    }

    private static func isPort(_ digits: Substring.UTF8View) -> Bool {
        guard let text = String(digits), let port = UInt16(text) else { return false }
        return String(port) == text
    }
}

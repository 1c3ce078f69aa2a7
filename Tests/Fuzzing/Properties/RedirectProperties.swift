import Foundation
import GatehouseProtocol

/// An address is answered at only if it is the registered one, or differs from it in the port of
/// a loopback literal; and every program reads it as we do.
///
/// The first line is registered, the second one requested.
enum RedirectProperties {
    static func check(_ input: [UInt8]) throws(Violation) {
        let parts = input.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false)
        let texts = parts.map { String(decoding: $0, as: UTF8.self) }
        for text in texts { try checkAddress(text) }
        let registered = texts.first.flatMap { text in
            Result { () throws(RedirectURI.Refusal) in try RedirectURI(registering: text) }.value
        }
        guard let registered, let requested = texts.last else { return }
        try checkRegistered(registered)
        try require(registered.covers(registered.text) == registered, "An address covers itself.")
        try checkCover(of: registered, requested)
        for change in ["/", "?", "#", "@a", ":1", " ", "%00", "\u{301}", "."] {
            try checkCover(of: registered, registered.text + change)
            try checkCover(of: registered, change + registered.text)
        }
    }

    private static func checkCover(
        of registered: RedirectURI, _ requested: String
    ) throws(Violation) {
        let covered = registered.covers(requested)
        let isSame = registered.text.utf8.elementsEqual(requested.utf8)
        try require(
            (covered != nil) == (isSame || isSameButForPort(registered.text, requested)),
            "What matches is the same, or differs in the port of a loopback address.")
        if let covered {
            try require(
                covered.text.utf8.elementsEqual(requested.utf8), "The answer goes where asked.")
        }
    }

    /// A second judgement of RFC 8252 §7.3, on texts.
    static func isSameButForPort(_ registered: String, _ requested: String) -> Bool {
        ["http://127.0.0.1", "http://[::1]"].contains { literal in
            guard let one = rest(of: registered, after: literal),
                let other = rest(of: requested, after: literal)
            else { return false }
            return one.elementsEqual(other) && requested.utf8.count <= RedirectURI.limit
        }
    }

    /// What follows the literal and a port, if a valid one or none is there.
    private static func rest(of text: String, after literal: String) -> ArraySlice<UInt8>? {
        guard text.utf8.starts(with: literal.utf8) else { return nil }
        let tail = Array(text.utf8.dropFirst(literal.utf8.count))[...]
        guard tail.first == UInt8(ascii: ":") else {
            let isEnd = tail.isEmpty || "/?".utf8.contains(tail[tail.startIndex])
            return isEnd ? tail : nil
        }
        let digits = tail.dropFirst().prefix { !"/?".utf8.contains($0) }
        let port = String(decoding: digits, as: UTF8.self)
        guard let number = UInt16(port), number > 0, String(number) == port else { return nil }
        return tail.dropFirst(1 + digits.count)
    }

    private static func checkRegistered(_ registered: RedirectURI) throws(Violation) {
        let bytes = Array(registered.text.utf8)
        try require(bytes.allSatisfy { (0x21...0x7E).contains($0) }, "An address is ASCII.")
        try require(!bytes.contains { "#\\\"<>".utf8.contains($0) }, "No mark moves the host.")
        let authority = bytes.prefix { $0 != UInt8(ascii: "?") }.split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        try require(
            authority.count < 3 || !authority[2].contains(UInt8(ascii: "@")), "Nor does a user.")
        try require(bytes.count <= RedirectURI.limit, "An address is not too long.")
        try require(registered.text.hasPrefix(registered.formTarget), "Its origin is its begin.")
        try checkAnswer(registered)
    }

    /// An answer carries each of its parameters once, even for one who reads what is no form.
    private static func checkAnswer(_ registered: RedirectURI) throws(Violation) {
        let answer = registered.adding([("code", "c&d"), ("state", "s code=e"), ("iss", "é")])
        try require(
            answer.utf8.starts(with: registered.text.utf8), "An answer begins with the address.")
        let query = answer.utf8.drop { $0 != UInt8(ascii: "?") }.dropFirst()
        for name in ["code", "state", "iss"] {
            let count = query.split(separator: UInt8(ascii: "&")).count { pair in
                let side = pair.prefix { $0 != UInt8(ascii: "=") }
                return Self.lenientlyDecoded(side).elementsEqual(name.utf8)
            }
            try require(count == 1, "An answer has each parameter once.")
        }
    }

    /// What a reader makes of a name who leaves a wrong escape as it is.
    private static func lenientlyDecoded(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        var rest = Array(bytes)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2).map { Character(Unicode.Scalar($0)).hexDigitValue ?? 16 }
            if byte == UInt8(ascii: "%"), digits.count == 2, digits.allSatisfy({ $0 < 16 }) {
                decoded.append(UInt8(digits[0] * 16 + digits[1]))
                rest = rest.dropFirst(2)
            } else {
                decoded.append(byte)
            }
        }
        return decoded
    }

    /// An address is its parts and nothing else, and Foundation finds the same parts.
    private static func checkAddress(_ text: String) throws(Violation) {
        guard let address = WebAddress(parsing: text) else { return }
        let whole = address.origin + address.path + (address.query.map { "?" + $0 } ?? "")
        try require(whole.utf8.elementsEqual(text.utf8), "An address is its parts.")
        try require(
            address.path.isEmpty || address.path.utf8.first == UInt8(ascii: "/"),
            "A path begins with a slash.")
        // A reader that refuses an address cannot be led elsewhere by it.
        guard let other = URLComponents(string: text, encodingInvalidCharacters: false) else {
            return
        }
        try require(other.scheme == address.scheme, "Two readers find the same scheme.")
        try require(other.encodedHost == address.host, "Two readers find the same host.")
        try require(other.port == address.port, "Two readers find the same port.")
        try require(other.percentEncodedPath == address.path, "Two readers find the same path.")
        try require(other.percentEncodedQuery == address.query, "Two readers find the same query.")
        try require(other.user == nil && other.fragment == nil, "Nobody finds anything else.")
    }
}

extension Result {
    /// The value, if there is one.
    fileprivate var value: Success? {
        if case .success(let value) = self { value } else { nil }
    }
}

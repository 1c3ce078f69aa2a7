import GatehouseEncoding
import GatehouseJOSE

/// Nothing verifies that the key did not sign, whatever is done to tokens, headers and key sets.
///
/// The first letter of an input says what the rest is.
enum JOSEProperties {
    static func check(_ input: [UInt8]) throws(Violation) {
        guard let kind = input.first else { return }
        let keys = try require(FixedKeys.shared, "The fixed keys can be restored.")
        let rest = Array(input.dropFirst())
        switch kind {
        case UInt8(ascii: "t"): try checkToken(String(decoding: rest, as: UTF8.self), keys)
        case UInt8(ascii: "e"): try checkEdits(rest, keys)
        case UInt8(ascii: "h"): try HeaderProperties.check(rest, keys)
        case UInt8(ascii: "k"): try KeySetProperties.check(rest, keys)
        case UInt8(ascii: "c"): try ClaimsProperties.check(rest)
        default: return
        }
    }

    /// Any text: what is read is the canonical text of its parts, and only signed ones verify.
    private static func checkToken(_ text: String, _ keys: FixedKeys) throws(Violation) {
        let payload = keys.payload(of: text)
        if payload != nil {
            let input = FixedKeys.Token.signingInput(of: text)
            try require(
                keys.tokens.contains { $0.signingInput.elementsEqual(input) },
                "Only what a key signed verifies.")
        }
        let read = Result { () throws(JOSEError) in try UnverifiedJWS(parsing: text) }
        guard case .success(let token) = read else { return }
        let parts = text.utf8.split(separator: 0x2E, omittingEmptySubsequences: false)
        try require(parts.count == 3, "A token has three parts.")
        let part = Base64URL.encode(token.unverifiedPayload)
        try require(part.utf8.elementsEqual(parts[1]), "A payload has one text.")
        try require(payload == nil || payload == token.unverifiedPayload, "No payload is swapped.")
        let header = Base64URL.decode(Array(parts[0])).flatMap(IndependentJSON.read)
        try require(
            header?.value == .object(token.unverifiedHeader), "A header is what two readers say.")
        try require(text.utf8.count <= UnverifiedJWS.mostBytes, "A token is not too large.")
    }

    /// Edits to a token that verifies: the letter after the first picks it, and each three bytes
    /// after that are a place and what is put there.
    private static func checkEdits(_ edits: [UInt8], _ keys: FixedKeys) throws(Violation) {
        let token = keys.tokens[Int(edits.first ?? 0) % keys.tokens.count]
        var bytes = Array(token.text.utf8)
        var edits = edits.dropFirst()
        while edits.count >= 3 {
            let place = (Int(edits.removeFirst()) << 8 | Int(edits.removeFirst())) % bytes.count
            let byte = edits.removeFirst()
            switch byte {
            case 0x80...0xBF: bytes.insert(byte & 0x7F, at: place)
            case 0xC0...0xFF where bytes.count > 1: bytes.remove(at: place)
            default: bytes[place] = byte & 0x7F
            }
        }
        let text = String(decoding: bytes, as: UTF8.self)
        let isSame = text.isExactly(token.text)
        try require((keys.payload(of: text) != nil) == isSame, "Only the token itself verifies.")
        try checkToken(text, keys)
    }
}

/// A token with any header at all verifies only if its key signed it and the header says just that.
enum HeaderProperties {
    /// The first byte picks the key, the rest is the header.
    static func check(_ input: [UInt8], _ keys: FixedKeys) throws(Violation) {
        // Signing with RSA is slow, so it is done less often.
        let choice = Int(input.first ?? 0) % 16
        let key = keys.keys[choice < 2 ? choice : 2 + choice % 2]
        let header = Array(input.dropFirst())
        let text = try token(header, by: key)
        let isFine = isFine(header, for: key) && text.utf8.count <= UnverifiedJWS.mostBytes
        try require((keys.payload(of: text) != nil) == isFine, "A header says the key's algorithm.")
        for foreign in keys.foreign where foreign.algorithm == key.algorithm {
            let text = try token(header, by: foreign)
            try require(keys.payload(of: text) == nil, "What another key signed does not verify.")
        }
        // RS256 and PS256 have one key here, and only the padding differs.
        for other in keys.keys where other.algorithm != key.algorithm {
            guard other.publicKey.thumbprint().isExactly(key.publicKey.thumbprint()) else {
                continue
            }
            let text = try token(header, by: other)
            let isFine = self.isFine(header, for: other)
            try require(
                (keys.payload(of: text) != nil) == isFine
                    || text.utf8.count > UnverifiedJWS.mostBytes,
                "A signature is of the algorithm that the header names.")
        }
    }

    private static func token(
        _ header: [UInt8], by key: SigningKey
    ) throws(Violation) -> String {
        var bytes: [UInt8] = []
        Base64URL.append(header, to: &bytes)
        bytes.append(UInt8(ascii: "."))
        Base64URL.append(FixedKeys.payload, to: &bytes)
        let signed = Result { () throws(JOSEError) in try key.signature(for: bytes) }
        guard case .success(let signature) = signed else {
            throw Violation(description: "A key can sign.")
        }
        bytes.append(UInt8(ascii: "."))
        Base64URL.append(signature, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether a header is one that a token of this key may have, by a second reading.
    private static func isFine(_ header: [UInt8], for key: SigningKey) -> Bool {
        guard let reading = IndependentJSON.read(header), !reading.isRefusable,
            case .object(let object) = reading.value,
            ["crit", "b64", "zip"].allSatisfy({ object[$0] == nil }),
            object["alg"] == .string(key.algorithm.name)
        else { return false }
        let names = [nil, JSONValue.string(key.algorithm.name)]
        guard names.contains(object["kid"]) else { return false }
        guard let type = object["typ"] else { return true }
        guard let type = type.string, type.utf8.allSatisfy({ $0 < 0x80 }) else { return false }
        return ["jwt", "application/jwt"].contains(type.lowercased())
    }
}

import GatehouseEncoding
import GatehouseJOSE
import GatehouseProtocol

/// A proof is believed only if its key signed it, and says what two readers read; and an address has
/// one normal form.
///
/// The first letter of an input says what the rest is.
enum DPoPProperties {
    static func check(_ input: [UInt8]) throws(Violation) {
        let rest = Array(input.dropFirst())
        switch input.first {
        case UInt8(ascii: "a"): try checkAddress(String(decoding: rest, as: UTF8.self))
        case UInt8(ascii: "k"): try checkKey(rest)
        case UInt8(ascii: "p"): try checkPayload(rest)
        case UInt8(ascii: "t"): try checkText(String(decoding: rest, as: UTF8.self))
        default: return
        }
    }

    private static func checkAddress(_ text: String) throws(Violation) {
        guard let address = TargetURI(normalizing: text) else { return }
        let normal = address.text
        try require(
            TargetURI(normalizing: normal)?.text.isExactly(normal) == true,
            "What is normal stays as it is.")
        try require(
            normal.utf8.starts(with: "https://".utf8) || normal.utf8.starts(with: "http://".utf8),
            "An address has one of two schemes.")
        try require(!normal.utf8.contains { "?# \\".utf8.contains($0) }, "It is host and path.")
        let segments = normal.utf8.split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        try require(
            segments.count > 3 && !segments[2].isEmpty, "It has a host, and a path after it.")
        try require(
            !segments.dropFirst(3).contains { $0.elementsEqual(".".utf8) }
                && !segments.dropFirst(3).contains { $0.elementsEqual("..".utf8) },
            "It has no dot segments.")
        for more in ["?x", "#x", "?x#y?z"] where !text.utf8.contains(UInt8(ascii: "#")) {
            try require(
                text.utf8.count + more.utf8.count > TargetURI.limit
                    || TargetURI(normalizing: text + more) == address,
                "Query and fragment make no difference.")
        }
    }

    /// Any text: whoever signed it, what is believed has the form of a proof.
    private static func checkText(_ text: String) throws(Violation) {
        guard let proof = read(text) else { return }
        try require(text.utf8.count <= DPoPProof.mostBytes, "A proof is not too large.")
        try require(
            JWKThumbprint(parsing: proof.keyThumbprint) != nil, "A key has one thumbprint.")
    }

    /// Any payload, signed by the key that the header holds.
    private static func checkPayload(_ payload: [UInt8]) throws(Violation) {
        let keys = try require(FixedKeys.shared, "The fixed keys can be restored.")
        let key = keys.keys[keys.keys.count - 1]
        let text = try signed(members: key.publicKey.jsonObject, payload, by: key)
        guard let proof = read(text) else { return }
        let claims = IndependentJSON.read(payload)?.value.object
        try require(claims?["jti"] == .string(proof.tokenID), "A name is that very text.")
        try require(
            (1...DPoPProof.mostTokenIDBytes).contains(proof.tokenID.utf8.count),
            "A name is there, and is not too long.")
        try require(claims?["htm"] == .string(proof.method), "A method is that very text.")
        try require(claims?["htu"] == .string(proof.uri), "An address is that very text.")
        try require(claims?["iat"] != nil, "A proof has a time.")
        try require(
            claims?["nonce"] == proof.nonce.map(JSONValue.string), "So is a nonce, if there is one."
        )
        try require(
            claims?["ath"] == proof.accessTokenHash.map(JSONValue.string), "And a digest.")
        try require(
            proof.keyThumbprint.isExactly(key.publicKey.thumbprint()), "The key is the signer's.")
    }

    /// Any key in the header of a proof that another key signed.
    private static func checkKey(_ members: [UInt8]) throws(Violation) {
        let keys = try require(FixedKeys.shared, "The fixed keys can be restored.")
        let key = keys.keys[keys.keys.count - 1]
        guard let object = IndependentJSON.read(members)?.value.object else { return }
        let payload = Array(#"{"jti":"a","htm":"POST","htu":"https://a","iat":1}"#.utf8)
        guard let proof = read(try signed(members: object, payload, by: key)) else { return }
        try require(
            proof.keyThumbprint.isExactly(key.publicKey.thumbprint()),
            "Only the key itself verifies.")
        try require(object["d"] == nil && object["k"] == nil, "It is a public one.")
    }

    private static func read(_ text: String) -> DPoPProof? {
        let proof = Result { () throws(JOSEError) in try DPoPProof(verifying: text) }
        // What is refused is no proof.
        return try? proof.get()
    }

    private static func signed(
        members: JSONObject, _ payload: [UInt8], by key: SigningKey
    ) throws(Violation) -> String {
        let header = JSONWriter.object { json in
            json.add("typ", "dpop+jwt")
            json.add("alg", key.algorithm.name)
            json.add("jwk", .object(members))
        }
        let text = Base64URL.encode(header) + "." + Base64URL.encode(payload)
        let signed = Result { () throws(JOSEError) in try key.signature(for: Array(text.utf8)) }
        guard case .success(let signature) = signed else {
            throw Violation(description: "A key can sign.")
        }
        return text + "." + Base64URL.encode(signature)
    }
}

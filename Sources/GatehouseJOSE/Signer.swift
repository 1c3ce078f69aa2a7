import Crypto
import GatehouseEncoding

/// Signs tokens of one type with one key, as compact JWS (RFC 7515 §7.1).
///
/// The header is the same for every token, so its text is made once.
public struct Signer: Sendable {
    /// The key that signs.
    public let key: SigningKey
    /// The header in base64url and the dot after it.
    private let head: [UInt8]

    /// A signer whose tokens carry the type and the name of the key.
    public init(_ key: SigningKey, type: TokenType) {
        let header = JSONWriter.object { header in
            header.add("alg", key.algorithm.name)
            header.add("typ", type.name)
            if let keyID = key.publicKey.keyID { header.add("kid", keyID) }
        }
        var head: [UInt8] = []
        Base64URL.append(header, to: &head)
        head.append(UInt8(ascii: "."))
        self.head = head
        self.key = key
    }

    /// The token with this payload.
    public func sign(_ payload: [UInt8]) throws(JOSEError) -> String {
        try digested(payload).text
    }

    /// The token with this payload, with its digest for an ID token that goes with it.
    public func digested(_ payload: [UInt8]) throws(JOSEError) -> DigestedToken {
        var token = head
        token.reserveCapacity(head.count + payload.count * 4 / 3 + 400)
        Base64URL.append(payload, to: &token)
        let signed = token.count
        var hash: SHA256?
        let signature = try key.signature(for: token, &hash)
        token.append(UInt8(ascii: "."))
        Base64URL.append(signature, to: &token)
        hash?.update(data: token[signed...])
        return DigestedToken(
            text: String(decoding: token, as: UTF8.self), digest: hash?.finalize())
    }
}

public import GatehouseEncoding

/// A compact JWS (RFC 7515 §7.1) that was read and not yet believed.
///
/// Reading is strict, so that a token means one thing or nothing. Whatever is read here, and a
/// key in the header above all, is the sender's word: use it to find out whose keys to verify
/// with, and for nothing else.
public struct UnverifiedJWS: Sendable {
    /// The largest token in bytes.
    public static let mostBytes = 16 * 1024

    /// The header as the sender wrote it.
    public let unverifiedHeader: JSONObject
    /// The payload as the sender wrote it.
    public let unverifiedPayload: [UInt8]

    /// The name of the key that the sender says to have signed with.
    public let unverifiedKeyID: String?

    private let algorithm: Algorithm
    private let type: TokenType?
    private let signingInput: ArraySlice<UInt8>
    private let signature: [UInt8]

    /// Reads three parts of canonical base64url, the first of which is a strict JSON object.
    public init(parsing token: String) throws(JOSEError) {
        guard token.utf8.count <= Self.mostBytes else { throw .tooLarge }
        let bytes = Array(token.utf8)
        let dot = UInt8(ascii: ".")
        guard let first = bytes.firstIndex(of: dot), let last = bytes.lastIndex(of: dot),
            first < last, !bytes[(first + 1)..<last].contains(dot),
            let headerBytes = Base64URL.decode(bytes[..<first]),
            let payload = Base64URL.decode(bytes[(first + 1)..<last]),
            let signature = Base64URL.decode(bytes[(last + 1)...])
        else { throw .malformed }

        let header = try Self.header(headerBytes)
        guard let name = try Self.text("alg", of: header) else { throw .malformed }
        guard let algorithm = Algorithm(name: name) else { throw .wrongAlgorithm }
        self.algorithm = algorithm
        unverifiedKeyID = try Self.text("kid", of: header)
        type = try Self.text("typ", of: header).map(TokenType.init)
        unverifiedHeader = header
        unverifiedPayload = payload
        signingInput = bytes[..<last]
        self.signature = signature
    }

    /// The payload, if one key of the set signed it as a token of one of the types.
    ///
    /// The algorithm is the key's: the header has to repeat it, and the verifier has to allow it.
    public func verified(
        by keys: JSONWebKeySet, algorithms: [Algorithm], types: [TokenType]
    ) throws(JOSEError) -> [UInt8] {
        try verified(
            by: keys.key(unverifiedKeyID, for: algorithm), algorithms: algorithms, types: types)
    }

    /// The payload, if this key signed it as a token of one of the types.
    ///
    /// For a key that is known by other means than its name, as in a DPoP proof (RFC 9449 §4.3).
    public func verified(
        by key: JSONWebKey, algorithms: [Algorithm], types: [TokenType]
    ) throws(JOSEError) -> [UInt8] {
        guard algorithms.contains(algorithm), key.accepts(algorithm) else { throw .wrongAlgorithm }
        guard types.contains(type ?? .jwt) else { throw .wrongType }
        guard key.material.isValid(signature, for: signingInput, algorithm: algorithm) else {
            throw .wrongSignature
        }
        return unverifiedPayload
    }

    /// Reads the header and refuses what would change the meaning of the token: extensions
    /// (RFC 7515 §4.1.11), a payload that is not encoded (RFC 7797), compression.
    private static func header(_ bytes: [UInt8]) throws(JOSEError) -> JSONObject {
        let header: JSONObject
        do throws(JSONError) {
            header = try JSONObject(parsing: bytes)
        } catch {
            throw .malformed
        }
        guard header["crit"] == nil, header["b64"] == nil, header["zip"] == nil else {
            throw .unsupportedHeader
        }
        return header
    }

    /// A text that may be missing, but may not be something else.
    private static func text(_ name: String, of header: JSONObject) throws(JOSEError) -> String? {
        guard let value = header[name] else { return nil }
        guard let text = value.string else { throw .malformed }
        return text
    }
}

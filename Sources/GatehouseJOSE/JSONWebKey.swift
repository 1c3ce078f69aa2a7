import Crypto
public import GatehouseEncoding

/// A public key that verifies signatures, as a JSON Web Key (RFC 7517).
///
/// What the key says of itself decides with which algorithm it is used; nothing a token says ever
/// changes it.
public struct JSONWebKey: Sendable {
    /// Members that only a private or a shared key has (RFC 7518 §6.2.2, §6.3.2, §6.4).
    private static let privateMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]

    let material: KeyMaterial
    /// The name of the key among others (`kid`), compared byte by byte.
    public let keyID: String?
    /// The one algorithm of the key (`alg`), if it names one.
    public let algorithm: Algorithm?
    /// The certificate of the key, the first of `x5c`, as it was written: base64 of its DER (RFC 7517
    /// §4.7); empty if it was written as anything else.
    ///
    /// No signature is checked by it, and nothing is believed of it here.
    public let certificate: String?

    /// Reads a key, refusing private ones and those that are not for verifying.
    public init(_ object: JSONObject) throws(JOSEError) {
        guard !Self.privateMembers.contains(where: { object[$0] != nil }) else {
            throw .privateKey
        }
        try Self.checkUse(of: object)
        material = try KeyMaterial(object)
        keyID = try Self.text("kid", of: object)
        certificate = object["x5c"].map { $0.strings?.first ?? "" }
        guard let name = try Self.text("alg", of: object) else {
            algorithm = nil
            return
        }
        guard let algorithm = Algorithm(name: name), material.algorithms.contains(algorithm) else {
            throw .unsupportedKey
        }
        self.algorithm = algorithm
    }

    init(_ material: KeyMaterial, keyID: String?, algorithm: Algorithm) {
        self.material = material
        self.keyID = keyID
        self.algorithm = algorithm
        certificate = nil
    }

    /// The key as JSON, for a key set that is published.
    public var jsonObject: JSONObject {
        var object = material.members
        if let keyID { object.add("kid", .string(keyID)) }
        object.add("use", "sig")
        if let algorithm { object.add("alg", .string(algorithm.name)) }
        if let certificate { object.add("x5c", .array([.string(certificate)])) }
        return object
    }

    /// The SHA-256 thumbprint that names the key wherever it goes (RFC 7638 §3).
    public func thumbprint() -> String {
        Base64URL.encode(SHA256.hash(data: material.members.serialized()))
    }

    /// Whether the key may be used with an algorithm.
    ///
    /// A key without `alg` goes by its kind. An RSA key is then good for RS256 and for PS256, as
    /// far as the verifier accepts them, whatever was verified with it before.
    func accepts(_ algorithm: Algorithm) -> Bool {
        self.algorithm.map { $0 == algorithm } ?? material.algorithms.contains(algorithm)
    }

    /// Refuses keys for encryption or for other operations (RFC 7517 §4.2, §4.3).
    private static func checkUse(of object: JSONObject) throws(JOSEError) {
        if let use = try text("use", of: object), !use.isExactly("sig") { throw .unsupportedKey }
        guard let operations = object["key_ops"] else { return }
        guard let names = operations.strings else { throw .malformedKey }
        guard names.contains(where: { $0.isExactly("verify") }) else { throw .unsupportedKey }
    }

    /// A text that may be missing, but may not be something else.
    private static func text(_ name: String, of object: JSONObject) throws(JOSEError) -> String? {
        guard let value = object[name] else { return nil }
        guard let text = value.string else { throw .malformedKey }
        return text
    }
}

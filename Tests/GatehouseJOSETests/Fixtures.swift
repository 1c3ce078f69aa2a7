import Crypto
import CryptoExtras
import GatehouseEncoding
import GatehouseJOSE

/// The keys the tests sign with, and ways to build tokens that no signer of ours would.
enum Fixtures {
    static let keys: [SigningKey] = [rs256, ps256, es256, edDSA]
    static let rs256 = rsa(.rs256)
    static let ps256 = rsa(.ps256)
    static let es256 = restored(.es256, RFC.p256.d)
    static let edDSA = restored(.edDSA, RFC.ed25519.d)
    static let claims = Array(#"{"iss":"https://id.test","sub":"kay","exp":2000}"#.utf8)

    static func restored(_ algorithm: Algorithm, _ text: String) -> SigningKey {
        do {
            return try SigningKey(restoring: bytes(text), algorithm: algorithm)
        } catch {
            fatalError("a fixture is broken: \(error)")
        }
    }

    private static func rsa(_ algorithm: Algorithm) -> SigningKey {
        do {
            let key = try _RSA.Signing.PrivateKey(
                n: bytes(RFC.modulus7515), e: [1, 0, 1] as [UInt8],
                d: bytes(RFC.privateExponent7515), p: bytes(RFC.firstPrime7515),
                q: bytes(RFC.secondPrime7515))
            return try SigningKey(
                restoring: Array(key.pkcs8DERRepresentation), algorithm: algorithm)
        } catch {
            fatalError("a fixture is broken: \(error)")
        }
    }

    static func bytes(_ base64URL: String) -> [UInt8] {
        Base64URL.decode(base64URL) ?? []
    }

    static func object(_ text: String) throws -> JSONObject {
        try JSONObject(parsing: Array(text.utf8))
    }

    static func key(_ text: String) throws -> JSONWebKey {
        try JSONWebKey(object(text))
    }

    static func set(_ text: String) throws -> JSONWebKeySet {
        try JSONWebKeySet(parsing: Array(text.utf8), privateKeys: .skipped)
    }

    /// A token with any header, correctly signed.
    static func token(
        _ header: String, _ payload: [UInt8] = claims, key: SigningKey = es256
    ) throws -> String {
        let input = Base64URL.encode(header.utf8) + "." + Base64URL.encode(payload)
        let signature = try key.signature(for: Array(input.utf8))
        return input + "." + Base64URL.encode(signature)
    }

    /// A token with any header and any signature.
    static func token(_ header: String, signature: [UInt8]) -> String {
        Base64URL.encode(header.utf8) + "." + Base64URL.encode(claims) + "."
            + Base64URL.encode(signature)
    }

    /// Reads and verifies a token with every algorithm allowed.
    @discardableResult
    static func verify(
        _ token: String, by keys: [JSONWebKey], types: [TokenType] = [.jwt],
        algorithms: [Algorithm] = Algorithm.allCases
    ) throws(JOSEError) -> [UInt8] {
        try UnverifiedJWS(parsing: token)
            .verified(by: JSONWebKeySet(keys), algorithms: algorithms, types: types)
    }

    /// Why a token is refused, or nil if it is not.
    static func refusal(
        _ token: String, by keys: [JSONWebKey] = [es256.publicKey], types: [TokenType] = [.jwt],
        algorithms: [Algorithm] = Algorithm.allCases
    ) -> JOSEError? {
        do throws(JOSEError) {
            try verify(token, by: keys, types: types, algorithms: algorithms)
            return nil
        } catch {
            return error
        }
    }
}

/// Numbers that look random and are the same in every run (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

import Crypto
import CryptoExtras
import GatehouseEncoding

/// The numbers of a public key, in the library's form and as its JWK writes them.
///
/// Base64url is read canonically, so the texts of a key that was read are the texts RFC 7638
/// hashes.
enum KeyMaterial: Sendable {
    case rsa(_RSA.Signing.PublicKey, n: String, e: String)
    case p256(P256.Signing.PublicKey, x: String, y: String)
    case ed25519(Curve25519.Signing.PublicKey, x: String)

    /// 2048 to 8192 bits: less is weak, and more only buys an attacker our time.
    private static let modulusBytes = 256...1024

    /// Reads the members that RFC 7518 §6 and RFC 8037 §2 ask for.
    init(_ object: JSONObject) throws(JOSEError) {
        let type = try Self.text("kty", of: object)
        if type.isExactly("RSA") {
            self = try Self.rsa(n: Self.text("n", of: object), e: Self.text("e", of: object))
        } else if type.isExactly("EC") {
            guard try Self.text("crv", of: object).isExactly("P-256") else {
                throw .unsupportedKey
            }
            self = try Self.p256(x: Self.text("x", of: object), y: Self.text("y", of: object))
        } else if type.isExactly("OKP") {
            guard try Self.text("crv", of: object).isExactly("Ed25519") else {
                throw .unsupportedKey
            }
            self = try Self.ed25519(x: Self.text("x", of: object))
        } else {
            throw .unsupportedKey
        }
    }

    init(_ key: _RSA.Signing.PublicKey) throws(JOSEError) {
        do {
            let numbers = try key.getKeyPrimitives()
            self = .rsa(
                key, n: Base64URL.encode(numbers.modulus),
                e: Base64URL.encode(numbers.publicExponent))
        } catch {
            throw .malformedKey
        }
    }

    init(_ key: P256.Signing.PublicKey) {
        let point = key.rawRepresentation
        self = .p256(
            key, x: Base64URL.encode(point.prefix(32)), y: Base64URL.encode(point.suffix(32)))
    }

    init(_ key: Curve25519.Signing.PublicKey) {
        self = .ed25519(key, x: Base64URL.encode(key.rawRepresentation))
    }

    /// The members that make the key, in the order RFC 7638 §3.2 hashes them.
    var members: JSONObject {
        var object = JSONObject()
        switch self {
        case .rsa(_, let n, let e):
            object.add("e", .string(e))
            object.add("kty", "RSA")
            object.add("n", .string(n))
        case .p256(_, let x, let y):
            object.add("crv", "P-256")
            object.add("kty", "EC")
            object.add("x", .string(x))
            object.add("y", .string(y))
        case .ed25519(_, let x):
            object.add("crv", "Ed25519")
            object.add("kty", "OKP")
            object.add("x", .string(x))
        }
        return object
    }

    private static func text(_ name: String, of object: JSONObject) throws(JOSEError) -> String {
        guard let text = object[name]?.string else { throw .malformedKey }
        return text
    }

    private static func rsa(n: String, e: String) throws(JOSEError) -> KeyMaterial {
        guard let modulus = Base64URL.decode(n), let exponent = Base64URL.decode(e),
            let first = modulus.first, first != 0, let exponentFirst = exponent.first,
            exponentFirst != 0
        else { throw .malformedKey }
        guard modulusBytes.contains(modulus.count) else { throw .unsupportedKey }
        do {
            let key = try _RSA.Signing.PublicKey(n: modulus, e: exponent)
            return .rsa(key, n: n, e: e)
        } catch {
            throw .unsupportedKey
        }
    }

    private static func p256(x: String, y: String) throws(JOSEError) -> KeyMaterial {
        guard let first = Base64URL.decode(x), let second = Base64URL.decode(y),
            first.count == 32, second.count == 32
        else { throw .malformedKey }
        do {
            let key = try P256.Signing.PublicKey(rawRepresentation: first + second)
            return .p256(key, x: x, y: y)
        } catch {
            throw .malformedKey
        }
    }

    private static func ed25519(x: String) throws(JOSEError) -> KeyMaterial {
        guard let bytes = Base64URL.decode(x), bytes.count == 32 else { throw .malformedKey }
        do {
            return .ed25519(try Curve25519.Signing.PublicKey(rawRepresentation: bytes), x: x)
        } catch {
            throw .malformedKey
        }
    }
}

extension KeyMaterial {
    /// The algorithms that keys of this kind can be used with.
    var algorithms: [Algorithm] {
        switch self {
        case .rsa: [.rs256, .ps256]
        case .p256: [.es256]
        case .ed25519: [.edDSA]
        }
    }

    /// Whether checking a signature costs little: an RSA key of at most 4096 bits, with the
    /// exponent 65537 or one about as small.
    ///
    /// A smaller exponent would be cheaper still, and is what careless implementations are attacked
    /// with.
    var isModest: Bool {
        guard case .rsa(_, let n, let e) = self else { return true }
        let exponentBytes = Base64URL.decode(e)?.count ?? 0
        return n.utf8.count <= 683 && (3...4).contains(exponentBytes)
    }

    /// Whether the holder of the private key signed the input with this algorithm.
    ///
    /// The length is checked here, so that nothing depends on how the library treats others.
    func isValid(
        _ signature: [UInt8], for input: ArraySlice<UInt8>, algorithm: Algorithm
    ) -> Bool {
        switch (self, algorithm) {
        case (.rsa(let key, _, _), .rs256), (.rsa(let key, _, _), .ps256):
            signature.count == (key.keySizeInBits + 7) / 8
                && key.isValidSignature(
                    _RSA.Signing.RSASignature(rawRepresentation: signature),
                    for: SHA256.hash(data: input),
                    padding: algorithm == .rs256 ? .insecurePKCS1v1_5 : .PSS)
        case (.p256(let key, _, _), .es256):
            isValid(signature, for: input, key)
        case (.ed25519(let key, _), .edDSA):
            signature.count == 64 && key.isValidSignature(signature, for: input)
        default:
            false
        }
    }

    private func isValid(
        _ signature: [UInt8], for input: ArraySlice<UInt8>, _ key: P256.Signing.PublicKey
    ) -> Bool {
        guard signature.count == 64,
            // What cannot be read as a signature is none.
            let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature)
        else { return false }
        return key.isValidSignature(signature, for: SHA256.hash(data: input))
    }
}

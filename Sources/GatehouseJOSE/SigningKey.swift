import Crypto
import CryptoExtras
import GatehouseEncoding

/// A private key and the one algorithm it signs with.
///
/// It is never printed, encoded or compared. Its bytes leave it in one place, to be sealed.
public struct SigningKey: Sendable {
    private enum Secret: Sendable {
        case rsa(_RSA.Signing.PrivateKey, RSASigner)
        case p256(P256.Signing.PrivateKey)
        case ed25519(Curve25519.Signing.PrivateKey)

        static func rsa(
            _ key: _RSA.Signing.PrivateKey, for algorithm: Algorithm
        ) throws -> Secret {
            .rsa(
                key,
                try RSASigner(
                    pkcs8: Array(key.pkcs8DERRepresentation), isProbabilistic: algorithm == .ps256))
        }
    }

    private let secret: Secret
    /// The algorithm, for the whole life of the key.
    public let algorithm: Algorithm
    /// The public half, with its name and algorithm, to publish.
    public let publicKey: JSONWebKey

    /// Makes a new key; RSA keys have 2048 bits.
    ///
    /// Without a name the key is named by its thumbprint.
    public init(generating algorithm: Algorithm, keyID: String? = nil) throws(JOSEError) {
        let secret: Secret
        switch algorithm {
        case .es256: secret = .p256(P256.Signing.PrivateKey())
        case .edDSA: secret = .ed25519(Curve25519.Signing.PrivateKey())
        case .rs256, .ps256:
            do {
                secret = try .rsa(
                    _RSA.Signing.PrivateKey(keySize: .bits2048), for: algorithm)
            } catch {
                throw .signingFailed
            }
        }
        try self.init(secret, algorithm, keyID)
    }

    /// Brings a key back from ``secretBytes()``.
    public init(
        restoring bytes: [UInt8], algorithm: Algorithm, keyID: String? = nil
    ) throws(JOSEError) {
        let secret: Secret
        do {
            secret =
                switch algorithm {
                case .es256: .p256(try P256.Signing.PrivateKey(rawRepresentation: bytes))
                case .edDSA: .ed25519(try Curve25519.Signing.PrivateKey(rawRepresentation: bytes))
                case .rs256, .ps256:
                    try .rsa(
                        _RSA.Signing.PrivateKey(derRepresentation: bytes), for: algorithm)
                }
        } catch {
            throw .malformedKey
        }
        try self.init(secret, algorithm, keyID)
    }

    private init(_ secret: Secret, _ algorithm: Algorithm, _ keyID: String?) throws(JOSEError) {
        let material: KeyMaterial =
            switch secret {
            case .rsa(let key, _): try KeyMaterial(key.publicKey)
            case .p256(let key): KeyMaterial(key.publicKey)
            case .ed25519(let key): KeyMaterial(key.publicKey)
            }
        let unnamed = JSONWebKey(material, keyID: nil, algorithm: algorithm)
        publicKey = JSONWebKey(
            material, keyID: keyID ?? unnamed.thumbprint(), algorithm: algorithm)
        self.secret = secret
        self.algorithm = algorithm
    }

    /// The private key itself, for the caller to seal at once: PKCS#8 of an RSA key, the 32 bytes
    /// of another.
    public func secretBytes() -> [UInt8] {
        switch secret {
        case .rsa(let key, _): Array(key.pkcs8DERRepresentation)
        case .p256(let key): Array(key.rawRepresentation)
        case .ed25519(let key): Array(key.rawRepresentation)
        }
    }

    /// The signature of some bytes in the form JWS wants (RFC 7518 §3, RFC 8037 §3.1).
    public func signature(for input: [UInt8]) throws(JOSEError) -> [UInt8] {
        var hash: SHA256?
        return try signature(for: input, &hash)
    }

    /// The signature, and the hash of the input where the algorithm takes one: it can go on to what
    /// follows the input.
    func signature(
        for input: [UInt8], _ hash: inout SHA256?
    ) throws(JOSEError) -> [UInt8] {
        do {
            switch secret {
            case .rsa(_, let signer):
                return try signer.signature(ofDigest: Array(Self.digest(of: input, &hash)))
            case .p256(let key):
                let digest = Self.digest(of: input, &hash)
                return Array(try key.signature(for: digest).rawRepresentation)
            case .ed25519(let key):
                return Array(try key.signature(for: input))
            }
        } catch {
            throw .signingFailed
        }
    }

    private static func digest(of input: [UInt8], _ hash: inout SHA256?) -> SHA256Digest {
        var running = SHA256()
        running.update(data: input)
        hash = running
        return running.finalize()
    }
}

extension SigningKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What is printed instead of the key.
    public var description: String { "‹secret›" }
    /// What is printed instead of the key.
    public var debugDescription: String { description }
    /// A mirror that shows nothing.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection()) }
}

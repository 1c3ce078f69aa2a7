private import Crypto
internal import GatehouseClient
private import GatehouseEncoding

/// The secret that the cookies of an app are sealed with: who lacks it neither reads nor makes one.
///
/// Keep it for as long as people are to stay signed in, and the same on every node.
public struct SessionKey: Sendable {
    private let bytes: [UInt8]

    /// Takes 32 bytes that nobody can guess, such as those of `openssl rand -base64 32`.
    ///
    /// - Throws: ``ClientError/configuration(_:)`` if there are more or fewer.
    public init(_ bytes: [UInt8]) throws {
        guard bytes.count == 32 else {
            throw ClientError.configuration("A session key has 32 bytes.")
        }
        self.bytes = bytes
    }

    /// Takes the same in base64, as an environment variable holds it.
    public init(base64 text: String) throws {
        guard let bytes = Base64.decode(text) else {
            throw ClientError.configuration("A session key is 32 bytes in base64.")
        }
        try self.init(bytes)
    }

    /// Seals bytes for one purpose; nobody can open them for another.
    func seal(_ plain: [UInt8], for purpose: String, random: RandomSource) throws -> String {
        let nonce = try AES.GCM.Nonce(data: random.bytes(12))
        let box = try AES.GCM.seal(
            plain, using: SymmetricKey(data: bytes), nonce: nonce,
            authenticating: Array(purpose.utf8))
        return Base64URL.encode(Array(nonce) + box.ciphertext + box.tag)
    }

    /// Opens what was sealed for a purpose; nil if it was not.
    func open(_ sealed: String, for purpose: String) -> [UInt8]? {
        guard let bytes = Base64URL.decode(sealed), bytes.count >= 28 else { return nil }
        do {
            let box = try AES.GCM.SealedBox(combined: bytes)
            return Array(
                try AES.GCM.open(
                    box, using: SymmetricKey(data: self.bytes),
                    authenticating: Array(purpose.utf8)))
        } catch {
            // Whatever is wrong with it, it is not ours.
            return nil
        }
    }
}

extension SessionKey: CustomStringConvertible, CustomReflectable {
    /// What is printed instead of the key.
    public var description: String { "‹secret›" }
    /// A mirror that shows nothing.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection()) }
}

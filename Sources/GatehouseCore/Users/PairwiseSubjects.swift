private import Crypto
private import GatehouseEncoding

/// Calls people by names that differ from sector to sector, so that two clients cannot find out
/// that they know the same person (OpenID Connect Core §8.1).
///
/// A name is a keyed digest of sector and user, and the user's id hidden under that digest: it is
/// the same each time, nobody else can make or read it, and whoever has the secret finds the person
/// again without keeping a list (a synthetic IV, RFC 5297).
struct PairwiseSubjects: Sendable {
    private let digests: SymmetricKey
    private let masks: SymmetricKey

    private static let digestLength = 16

    /// Takes the secret of a tenant: 32 random bytes.
    init?(_ secret: [UInt8]) {
        guard secret.count == 32 else { return nil }
        let master = SymmetricKey(data: secret)
        digests = Self.derived("digest", from: master)
        masks = Self.derived("mask", from: master)
    }

    /// The name by which a sector knows a person.
    func subject(of user: User.ID, in sector: Sector) -> String {
        let id = Array(user.text.utf8.dropFirst(Self.prefix.count))
        let digest = digest(of: id, in: sector)
        return Base64URL.encode(digest + masked(id, by: digest))
    }

    /// The person whom a sector knows by a name; nil unless it is one that was made for the sector.
    func user(named subject: String, in sector: Sector) -> User.ID? {
        guard let bytes = Base64URL.decode(subject), bytes.count > Self.digestLength else {
            return nil
        }
        let digest = Array(bytes.prefix(Self.digestLength))
        let id = masked(Array(bytes.dropFirst(Self.digestLength)), by: digest)
        guard self.digest(of: id, in: sector) == digest else { return nil }
        return User.ID(parsing: String(decoding: Self.prefix + id, as: UTF8.self))
    }

    /// What an identifier of a user begins with.
    private static let prefix = Array("\(User.identifierPrefix)_".utf8)

    private func digest(of id: [UInt8], in sector: Sector) -> [UInt8] {
        // A host holds no slash, so no two pairs make one text.
        let text = Array(sector.host.utf8) + [UInt8(ascii: "/")] + id
        return Array(
            HMAC<SHA256>.authenticationCode(for: text, using: digests).prefix(Self.digestLength))
    }

    /// Hides an id of at most 32 bytes under a digest, and shows it again.
    private func masked(_ id: [UInt8], by digest: [UInt8]) -> [UInt8] {
        zip(id, HMAC<SHA256>.authenticationCode(for: digest, using: masks)).map(^)
    }

    private static func derived(_ use: String, from master: SymmetricKey) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: master, info: Array("gatehouse/pairwise-\(use)".utf8),
            outputByteCount: 32)
    }
}

extension PairwiseSubjects: CustomStringConvertible, CustomReflectable {
    var description: String { "‹secret›" }
    var customMirror: Mirror { Mirror(self, children: []) }
}

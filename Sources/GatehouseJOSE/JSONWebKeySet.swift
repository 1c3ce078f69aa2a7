public import GatehouseEncoding

/// The public keys of one signer (RFC 7517 §5).
///
/// A set is as good as the keys in it that we understand: one unknown key must not keep a
/// customer's users out on the day their provider adds it.
public struct JSONWebKeySet: Sendable {
    /// What to do about a private key in a set.
    public enum PrivateKeys: Sendable {
        /// Refuse the set, so that whoever registers it learns of the mistake.
        case refused
        /// Never use such a key, and get along with the others.
        case skipped
    }

    /// How many keys a set may have; with more, looking for one would cost too much.
    public static let mostKeys = 100
    /// How many bytes the text of a set may have.
    public static let mostBytes = 512 * 1024

    /// The keys that can verify.
    public let keys: [JSONWebKey]
    /// How many keys were left out because of their kind, their use or an error in them.
    public let skippedCount: Int

    /// A set of keys at hand.
    public init(_ keys: [JSONWebKey]) {
        self.keys = keys
        skippedCount = 0
    }

    /// Reads a set from the bytes of an answer or a registration.
    public init(parsing bytes: [UInt8], privateKeys: PrivateKeys) throws(JOSEError) {
        guard bytes.count <= Self.mostBytes else { throw .tooLarge }
        let object: JSONObject
        do throws(JSONError) {
            object = try JSONObject(parsing: bytes)
        } catch {
            throw .malformedKey
        }
        try self.init(object, privateKeys: privateKeys)
    }

    /// Reads a set from a JSON object.
    public init(_ object: JSONObject, privateKeys: PrivateKeys) throws(JOSEError) {
        guard let values = object["keys"]?.array else { throw .malformedKey }
        guard values.count <= Self.mostKeys else { throw .tooLarge }
        var keys: [JSONWebKey] = []
        for value in values {
            guard let object = value.object else { throw .malformedKey }
            do throws(JOSEError) {
                keys.append(try JSONWebKey(object))
            } catch .privateKey where privateKeys == .refused {
                throw .privateKey
            } catch {
                // RFC 7517 §5: a key that is not understood is left out.
            }
        }
        self.keys = keys
        skippedCount = values.count - keys.count
    }

    /// The set as JSON, to publish.
    public var jsonObject: JSONObject {
        var object = JSONObject()
        object.add("keys", .array(keys.map { .object($0.jsonObject) }))
        return object
    }

    /// Whether a key of this exact name is in the set; if there is no name, whether there is one key.
    public func contains(_ keyID: String?) -> Bool {
        guard let keyID else { return keys.count == 1 }
        return keys.contains { $0.keyID?.isExactly(keyID) ?? false }
    }

    /// The one key that can have signed with the algorithm.
    ///
    /// A key is found by its exact name. A token that names none is accepted only if a single key
    /// fits, and so is one whose name two keys share.
    func key(_ keyID: String?, for algorithm: Algorithm) throws(JOSEError) -> JSONWebKey {
        let named = keys.filter { key in
            guard let keyID else { return true }
            return key.keyID?.isExactly(keyID) ?? false
        }
        let fitting = named.filter { $0.accepts(algorithm) }
        guard let key = fitting.first, fitting.count == 1 else {
            throw named.isEmpty || fitting.count > 1 ? .unknownKey : .wrongAlgorithm
        }
        return key
    }
}

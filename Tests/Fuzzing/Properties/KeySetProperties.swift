import GatehouseEncoding
import GatehouseJOSE

/// A key set holds public keys only, says the same when it is published, and lends its trust to
/// no other key.
enum KeySetProperties {
    private static let privateMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]

    static func check(_ input: [UInt8], _ keys: FixedKeys) throws(Violation) {
        let lenient = read(input, .skipped)
        let strict = read(input, .refused)
        guard case .success(let set) = lenient else {
            guard case .failure = strict else {
                throw Violation(description: "The strict reading is the stricter one.")
            }
            return
        }
        let entries = IndependentJSON.read(input)?.value["keys"]?.array
        let holdsPrivate = entries?.contains { entry in
            privateMembers.contains { entry[$0] != nil }
        }
        let values = try require(entries, "A key set is JSON with keys.")
        switch strict {
        case .success(let strict):
            try require(holdsPrivate == false, "A private key is refused.")
            try require(strict.jsonObject == set.jsonObject, "Both readings find the same keys.")
        case .failure(let error):
            try require(error == .privateKey, "Only a private key makes the difference.")
            try require(holdsPrivate == true, "Without a private key nothing is refused.")
        }
        try require(set.keys.count + set.skippedCount == values.count, "Each key is counted.")
        try require(values.count <= JSONWebKeySet.mostKeys, "A set is not too large.")
        for key in set.keys { try checkKey(key) }
        try checkPublishing(set)
        try checkTrust(set, keys)
    }

    private static func read(
        _ input: [UInt8], _ privateKeys: JSONWebKeySet.PrivateKeys
    ) -> Result<JSONWebKeySet, JOSEError> {
        Result { () throws(JOSEError) in
            try JSONWebKeySet(parsing: input, privateKeys: privateKeys)
        }
    }

    private static func checkKey(_ key: JSONWebKey) throws(Violation) {
        let object = key.jsonObject
        try require(privateMembers.allSatisfy { object[$0] == nil }, "No secret is published.")
        let again = Result { () throws(JOSEError) in try JSONWebKey(object) }
        guard case .success(let again) = again else {
            throw Violation(description: "A key that is published is a key.")
        }
        try require(again.jsonObject == object, "A key that is published is the same key.")
        try require(again.thumbprint().isExactly(key.thumbprint()), "So is its thumbprint.")
        try require(key.thumbprint().utf8.count == 43, "A thumbprint is a digest.")
    }

    private static func checkPublishing(_ set: JSONWebKeySet) throws(Violation) {
        let text = set.jsonObject.serialized()
        guard case .success(let again) = read(text, .refused) else {
            throw Violation(description: "A set that is published is a set.")
        }
        try require(again.jsonObject == set.jsonObject, "A set that is published is the same.")
        try require(again.skippedCount == 0, "Nothing is published that is not understood.")
    }

    /// A token verifies with a set only if the set has the very key that signed it.
    private static func checkTrust(_ set: JSONWebKeySet, _ keys: FixedKeys) throws(Violation) {
        for token in keys.tokens where keys.payload(of: token.text, by: set) != nil {
            let thumbprint = token.key.publicKey.thumbprint()
            try require(
                set.keys.contains { $0.thumbprint().isExactly(thumbprint) },
                "A token verifies with the key that signed it, and with no other.")
        }
    }
}

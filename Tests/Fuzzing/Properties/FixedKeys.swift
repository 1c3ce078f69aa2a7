import GatehouseEncoding
import GatehouseJOSE

/// Keys that are the same in every run, and the few tokens that were ever signed with them.
///
/// They guard nothing: anyone can read them here.
struct FixedKeys: Sendable {
    /// A token, and all that its key has signed of it.
    struct Token: Sendable {
        let key: SigningKey
        let text: String
        /// What is signed: the two parts before the signature.
        var signingInput: Substring.UTF8View { Self.signingInput(of: text) }

        static func signingInput(of text: String) -> Substring.UTF8View {
            let end = text.utf8.lastIndex(of: UInt8(ascii: ".")) ?? text.utf8.endIndex
            return text.utf8[..<end]
        }
    }

    static let payload = Array(#"{"iss":"https://id.test/t/a","sub":"usr_1","exp":1}"#.utf8)

    /// The keys, one for each algorithm.
    let keys: [SigningKey]
    /// Their public halves, in a set.
    let published: JSONWebKeySet
    /// Other keys under the same names, of the kinds that differ from key to key.
    let foreign: [SigningKey]
    /// One token of each key.
    let tokens: [Token]

    /// The keys, or nil if the library could not even restore them.
    static let shared: FixedKeys? = {
        // A property that needs the keys fails without them.
        try? FixedKeys()
    }()

    private init() throws(JOSEError) {
        let rsa = Base64.decode(String(fixedRSAKey.filter { !$0.isWhitespace })) ?? []
        var keys: [SigningKey] = []
        var foreign: [SigningKey] = []
        for algorithm in Algorithm.allCases {
            let name = algorithm.name
            let isRSA = algorithm == .rs256 || algorithm == .ps256
            let bytes = isRSA ? rsa : [UInt8](1...32)
            keys.append(try SigningKey(restoring: bytes, algorithm: algorithm, keyID: name))
            // RS256 and PS256 share a key here, to see that the padding tells them apart.
            guard !isRSA else { continue }
            foreign.append(
                try SigningKey(restoring: [UInt8](2...33), algorithm: algorithm, keyID: name))
        }
        self.keys = keys
        self.foreign = foreign
        published = JSONWebKeySet(keys.map(\.publicKey))
        var tokens: [Token] = []
        for key in keys {
            let text = try Signer(key, type: .jwt).sign(Self.payload)
            tokens.append(Token(key: key, text: text))
        }
        self.tokens = tokens
    }

    /// The payload of a token that the keys of a set signed, under the rules of an ID token.
    func payload(of token: String, by keys: JSONWebKeySet? = nil) -> [UInt8]? {
        let payload = Result { () throws(JOSEError) in
            try UnverifiedJWS(parsing: token).verified(
                by: keys ?? published, algorithms: Algorithm.allCases, types: [.jwt])
        }
        // What is refused has no payload.
        return try? payload.get()
    }
}

private import GatehouseEncoding
internal import GatehouseJOSE

/// A private key of the app: to prove who it is without a shared secret, or to bind tokens to it.
///
/// It is never printed. Its bytes leave it in one place, to be stored as carefully as a password.
public struct ClientKey: Sendable {
    let key: SigningKey

    /// Makes a new key on P-256, which signs with ES256.
    public init() throws {
        do throws(JOSEError) {
            key = try SigningKey(generating: .es256)
        } catch {
            throw ClientError.configuration("No key could be made.")
        }
    }

    /// Brings a key back from ``storedBytes``.
    public init(stored bytes: [UInt8]) throws {
        do throws(JOSEError) {
            key = try SigningKey(restoring: bytes, algorithm: .es256)
        } catch {
            throw ClientError.configuration("The stored key is none.")
        }
    }

    /// The private key, to be stored where nobody else reads it.
    public var storedBytes: [UInt8] { key.secretBytes() }

    /// The public half as a JSON Web Key Set, to register with the provider.
    public var publicKeySet: String {
        String(
            decoding: JSONWebKeySet([key.publicKey]).jsonObject.serialized(), as: UTF8.self)
    }

    /// The thumbprint that names the key wherever it goes (RFC 7638).
    public var thumbprint: String { key.publicKey.thumbprint() }

    /// A proof that the sender of a request has the key (RFC 9449 §4.2).
    ///
    /// - Parameters:
    ///   - method: The method of the request.
    ///   - address: Its address; the query is left out.
    ///   - accessToken: The token that goes with it.
    ///   - nonce: What the server gave to put in.
    ///   - time: The time in seconds since 1970.
    ///   - name: What no other proof is called.
    /// - Returns: The proof.
    /// - Throws: `JOSEError` if the key cannot sign.
    func proof(
        method: String, address: String, accessToken: String?, nonce: String?,
        time: Int64, name: String
    ) throws -> String {
        let header = JSONWriter.object { json in
            json.add("typ", TokenType.dpopProof.name)
            json.add("alg", key.algorithm.name)
            json.add("jwk", .object(publicMembers))
        }
        let payload = JSONWriter.object { json in
            json.add("jti", name)
            json.add("htm", method)
            json.add("htu", String(address.prefix { $0 != "?" && $0 != "#" }))
            json.add("iat", time)
            if let accessToken { json.add("ath", AccessTokenHash.inProof(of: accessToken)) }
            if let nonce { json.add("nonce", nonce) }
        }
        let input = Base64URL.encode(header) + "." + Base64URL.encode(payload)
        return input + "." + Base64URL.encode(try key.signature(for: Array(input.utf8)))
    }

    /// An assertion of who the app is (RFC 7523 §3).
    func assertion(
        clientID: String, audience: String, time: Int64, name: String
    ) throws -> String {
        let payload = JSONWriter.object { json in
            json.add("iss", clientID)
            json.add("sub", clientID)
            json.add("aud", audience)
            json.add("jti", name)
            json.add("iat", time)
            json.add("exp", time + 60)
        }
        return try Signer(key, type: .clientAuthentication).sign(payload)
    }

    /// The key as it stands in a proof: nothing but what makes it.
    private var publicMembers: JSONObject {
        var members = key.publicKey.jsonObject
        for name in ["kid", "use", "alg"] { members.remove(name) }
        return members
    }
}

extension ClientKey: CustomStringConvertible, CustomReflectable {
    /// What is printed instead of the key.
    public var description: String { "‹secret›" }
    /// A mirror that shows nothing.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection()) }
}

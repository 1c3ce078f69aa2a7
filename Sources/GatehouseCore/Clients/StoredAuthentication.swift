import GatehouseEncoding
private import GatehouseJOSE
private import GatehouseProtocol
import GatehouseSQL

extension Client {
    /// The method by which the client proves who it is, and its keys, as they are stored.
    var storedAuthentication: String {
        let json = JSONWriter.object { json in
            json.add("method", authentication.name)
            if let name = authentication.certificateName { json.add(name.member, name.text) }
            keys?.write(to: &json)
        }
        return String(decoding: json, as: UTF8.self)
    }
}

extension Client.Authentication {
    /// Reads what was stored; a client of an earlier version has none.
    init(stored text: String?, kind: Client.Kind) throws {
        guard let text else {
            self.init(for: kind)
            return
        }
        let json = try JSONObject(parsing: Array(text.utf8))
        switch json["method"]?.string {
        case "none": self = .none
        case "secret": self = .clientSecret
        case "client_secret_basic": self = .clientSecretBasic
        case "client_secret_post": self = .clientSecretPost
        case "private_key_jwt": self = .privateKeyJWT(try ClientKeys(stored: json))
        case "tls_client_auth": self = .tlsClientAuth(try CertificateName(stored: json))
        case "self_signed_tls_client_auth":
            self = .selfSignedTLSClientAuth(try ClientKeys(stored: json))
        default: throw DatabaseError.unexpectedColumn("client.authentication")
        }
    }
}

extension CertificateName {
    /// Reads the one name that was stored.
    fileprivate init(stored json: JSONObject) throws {
        let names = Self.members.compactMap { member in
            json[member]?.string.flatMap { CertificateName(member, $0) }
        }
        guard let name = names.first, names.count == 1 else {
            throw DatabaseError.unexpectedColumn("client.authentication")
        }
        self = name
    }
}

extension ClientKeys {
    /// The keys that stand beside another method than that of signing; nil if there are none.
    init?(besides stored: String?) throws {
        guard let stored else { return nil }
        let json = try JSONObject(parsing: Array(stored.utf8))
        guard json["jwks"] != nil || json["jwks_uri"] != nil else { return nil }
        try self.init(stored: json)
    }

    /// Writes the keys, or where they are, as they are stored.
    func write(to json: inout JSONMembers) {
        switch self {
        case .registered(let keys): json.add("jwks", .object(keys.jsonObject))
        case .published(let address): json.add("jwks_uri", address.text)
        }
    }

    init(stored json: JSONObject) throws {
        if let keys = json["jwks"]?.object {
            self = .registered(try JSONWebKeySet(keys, privateKeys: .refused))
        } else if let address = json["jwks_uri"]?.string.flatMap(OutboundAddress.init(parsing:)) {
            self = .published(address)
        } else {
            throw DatabaseError.unexpectedColumn("client.authentication")
        }
    }
}

import GatehouseEncoding
private import GatehouseJOSE
import GatehouseSQL

extension Client.Authentication {
    /// The method and its keys, as they are stored.
    var stored: String {
        let json = JSONWriter.object { json in
            json.add("method", name)
            keys?.write(to: &json)
        }
        return String(decoding: json, as: UTF8.self)
    }

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
        default: throw DatabaseError.unexpectedColumn("client.authentication")
        }
    }
}

extension ClientKeys {
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

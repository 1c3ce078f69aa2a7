import GatehouseCore
import GatehouseEncoding
import GatehouseJOSE

/// What a command changes of the way in which a client proves who it is.
struct AuthenticationChange: Sendable {
    private let method: String?
    private let keys: ClientKeys?

    init(_ operation: Operation) throws(CommandError) {
        method = operation.text("authentication")
        keys = try operation.keys()
    }

    /// Makes the change, or says why it cannot be made.
    func apply(to client: inout Client) throws(CommandError) {
        guard method != nil || keys != nil else { return }
        let method = method ?? client.authentication.name
        if method == "private_key_jwt" {
            client.authentication = try signature(of: client)
            client.requestKeys = nil
            return
        }
        guard keys == nil || client.kind != .spa else { throw Self.everyoneReads }
        guard keys == nil || client.kind != .machine else {
            throw CommandError(.wrongUse, "Keys are for --authentication private_key_jwt.")
        }
        // Whoever shows a secret, or nothing, may sign its requests all the same.
        client.requestKeys = keys ?? client.keys
        let known: [Client.Authentication] =
            client.kind.isConfidential
            ? [.clientSecret, .clientSecretBasic, .clientSecretPost] : [.none]
        guard let chosen = known.first(where: { $0.name == method }) else {
            let names = known.map(\.name) + (client.kind == .spa ? [] : ["private_key_jwt"])
            throw CommandError(
                .wrongUse,
                "--authentication of a \(client.kind.rawValue) client must be one of: "
                    + names.joined(separator: ", ") + ".")
        }
        client.authentication = chosen
    }

    private func signature(of client: Client) throws(CommandError) -> Client.Authentication {
        guard client.kind != .spa else { throw Self.everyoneReads }
        guard let keys = keys ?? client.keys else {
            throw CommandError(.wrongUse, "private_key_jwt needs --jwks or --jwks-uri.")
        }
        return .privateKeyJWT(keys)
    }

    private static let everyoneReads = CommandError(
        .wrongUse, "A spa client keeps no key: everyone can read its code.")
}

extension Operation {
    /// The keys that the arguments name, as a set or by their address; nil if they name none.
    func keys() throws(CommandError) -> ClientKeys? {
        let published = try value(
            "jwks_uri", "--jwks-uri must be an https address without a fragment.",
            OutboundAddress.init(parsing:))
        guard let registered = text("jwks") else { return published.map { .published($0) } }
        guard published == nil else {
            throw CommandError(.wrongUse, "Give --jwks or --jwks-uri, not both.")
        }
        return try Self.registered(registered)
    }

    private static func registered(_ text: String) throws(CommandError) -> ClientKeys {
        let keys: JSONWebKeySet
        do throws(JOSEError) {
            keys = try JSONWebKeySet(parsing: Array(text.utf8), privateKeys: .refused)
        } catch .privateKey {
            throw CommandError(
                .wrongUse,
                "The key set holds a private key. Register the public half, and make a new key: "
                    + "this one was shown.")
        } catch {
            throw CommandError(.wrongUse, "The file is not a JSON Web Key Set.")
        }
        guard !keys.keys.isEmpty else {
            throw CommandError(
                .wrongUse,
                "The key set holds no key that can verify RS256, PS256, ES256 or EdDSA.")
        }
        return .registered(keys)
    }
}

import GatehouseCore
import GatehouseEncoding
import GatehouseJOSE
import GatehouseProtocol

/// What a command changes of the way in which a client proves who it is.
struct AuthenticationChange: Sendable {
    private let method: String?
    private let keys: ClientKeys?
    private let certificateName: CertificateName?

    init(_ operation: Operation) throws(OperationError) {
        method = operation.text("authentication")
        keys = try operation.keys()
        certificateName = try Self.certificateName(operation)
    }

    /// Makes the change, or says why it cannot be made.
    func apply(to client: inout Client) throws(OperationError) {
        guard method != nil || keys != nil || certificateName != nil else { return }
        let method = method ?? client.authentication.name
        guard certificateName == nil || method == "tls_client_auth" else {
            throw OperationError(
                .wrongUse, "A --tls-client-auth option is for --authentication tls_client_auth.")
        }
        switch method {
        case "private_key_jwt":
            client.authentication = .privateKeyJWT(try ownKeys(of: client, for: method))
            client.requestKeys = nil
        case "self_signed_tls_client_auth":
            client.authentication = .selfSignedTLSClientAuth(try ownKeys(of: client, for: method))
            client.requestKeys = nil
        case "tls_client_auth":
            client.requestKeys = keys ?? client.keys
            client.authentication = try certificate(of: client)
        default:
            try applyShared(method, to: &client)
        }
    }

    /// What is no key: a secret, or nothing at all.
    private func applyShared(_ method: String, to client: inout Client) throws(OperationError) {
        guard keys == nil || client.kind != .spa else { throw Self.everyoneReads }
        guard keys == nil || client.kind != .machine else {
            throw OperationError(.wrongUse, "Keys are for --authentication private_key_jwt.")
        }
        // Whoever shows a secret, or nothing, may sign its requests all the same.
        client.requestKeys = keys ?? client.keys
        let known: [Client.Authentication] =
            client.kind.isConfidential
            ? [.clientSecret, .clientSecretBasic, .clientSecretPost] : [.none]
        guard let chosen = known.first(where: { $0.name == method }) else {
            let names = known.map(\.name) + (client.kind == .spa ? [] : Self.byKey)
            throw OperationError(
                .wrongUse,
                "--authentication of a \(client.kind.rawValue) client must be one of: "
                    + names.joined(separator: ", ") + ".")
        }
        client.authentication = chosen
    }

    private static let byKey = [
        "private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth",
    ]

    private func ownKeys(of client: Client, for method: String) throws(OperationError) -> ClientKeys
    {
        guard client.kind != .spa else { throw Self.everyoneReads }
        guard let keys = keys ?? client.keys else {
            throw OperationError(.wrongUse, "\(method) needs --jwks or --jwks-uri.")
        }
        return keys
    }

    private func certificate(of client: Client) throws(OperationError) -> Client.Authentication {
        guard client.kind != .spa else { throw Self.everyoneReads }
        guard let name = certificateName ?? client.authentication.certificateName else {
            throw OperationError(
                .wrongUse,
                "tls_client_auth needs what the certificate says: one of "
                    + CertificateName.members.map(Self.flag).joined(separator: ", ") + ".")
        }
        return .tlsClientAuth(name)
    }

    /// The one name that the arguments say; nil if they say none.
    private static func certificateName(
        _ operation: Operation
    ) throws(OperationError) -> CertificateName? {
        var names: [CertificateName] = []
        for member in CertificateName.members {
            let name = try operation.value(
                member, "\(flag(member)) is not what a certificate can say: see the manual."
            ) { CertificateName(member, $0) }
            if let name { names.append(name) }
        }
        guard names.count <= 1 else {
            throw OperationError(.wrongUse, "Give one --tls-client-auth option, not several.")
        }
        return names.first
    }

    private static func flag(_ member: String) -> String {
        "--" + member.replacing("_", with: "-")
    }

    private static let everyoneReads = OperationError(
        .wrongUse, "A spa client keeps no key: everyone can read its code.")
}

extension Operation {
    /// The keys that the arguments name, as a set or by their address; nil if they name none.
    func keys() throws(OperationError) -> ClientKeys? {
        let published = try value(
            "jwks_uri", "--jwks-uri must be an https address without a fragment.",
            OutboundAddress.init(parsing:))
        guard let registered = text("jwks") else { return published.map { .published($0) } }
        guard published == nil else {
            throw OperationError(.wrongUse, "Give --jwks or --jwks-uri, not both.")
        }
        return try Self.registered(registered)
    }

    private static func registered(_ text: String) throws(OperationError) -> ClientKeys {
        let keys: JSONWebKeySet
        do throws(JOSEError) {
            keys = try JSONWebKeySet(parsing: Array(text.utf8), privateKeys: .refused)
        } catch .privateKey {
            throw OperationError(
                .wrongUse,
                "The key set holds a private key. Register the public half, and make a new key: "
                    + "this one was shown.")
        } catch {
            throw OperationError(.wrongUse, "The file is not a JSON Web Key Set.")
        }
        guard !keys.keys.isEmpty else {
            throw OperationError(
                .wrongUse,
                "The key set holds no key that can verify RS256, PS256, ES256 or EdDSA.")
        }
        return .registered(keys)
    }
}

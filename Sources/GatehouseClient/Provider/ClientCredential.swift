/// How an app proves to the provider which client it is (RFC 6749 §2.3).
public struct ClientCredential: Sendable {
    enum Method: Sendable {
        case none
        case basic(String)
        case post(String)
        case assertion(ClientKey)
    }

    let method: Method

    /// Nothing: for apps on people's own devices, which can keep no secret.
    public static let none = ClientCredential(method: .none)

    /// A secret in the `Authorization` header (`client_secret_basic`); what to take if in doubt.
    public static func secret(_ secret: String) -> ClientCredential {
        ClientCredential(method: .basic(secret))
    }

    /// A secret in the form (`client_secret_post`), for providers that want it there.
    public static func secretInForm(_ secret: String) -> ClientCredential {
        ClientCredential(method: .post(secret))
    }

    /// A key whose public half is registered (`private_key_jwt`): nothing secret is ever sent.
    public static func key(_ key: ClientKey) -> ClientCredential {
        ClientCredential(method: .assertion(key))
    }
}

extension ClientCredential: CustomStringConvertible, CustomReflectable {
    /// What is printed instead of the credential.
    public var description: String { "‹secret›" }
    /// A mirror that shows nothing.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection()) }
}

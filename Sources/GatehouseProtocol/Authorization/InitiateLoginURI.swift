private import GatehouseEncoding

/// Where a client begins a sign-in when somebody else wants it to (`initiate_login_uri`, OpenID
/// Connect Core §4).
public struct InitiateLoginURI: Sendable, Hashable {
    /// The URI: ASCII by construction.
    public let text: String

    /// Checks an address before it is registered: https, and without the parameter that is added.
    public init?(registering text: String) {
        guard let address = WebAddress(parsing: text), address.scheme == "https" else { return nil }
        if let query = address.query {
            do {
                guard try !FormParameters(decoding: query.utf8).contains("iss") else { return nil }
            } catch {
                return nil
            }
        }
        self.text = text
    }

    /// The address with the issuer at which the client should sign the person in.
    package func url(issuer: Issuer) -> String {
        let separator = text.utf8.contains(UInt8(ascii: "?")) ? "&" : "?"
        return text + separator + "iss=" + issuer.text.queryEncoded
    }
}

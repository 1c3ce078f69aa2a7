private import GatehouseEncoding

/// The access token of a request to a protected resource (RFC 6750 §2): in the `Authorization`
/// header or in a form body, exactly once, never in the query.
public struct BearerToken: Sendable {
    /// The token as it was sent.
    public let text: String

    /// Finds the token in the values of the request's `Authorization` headers and in its form body,
    /// if it has one; nil if the request carries no token at all.
    public init?(authorization: [String], form: FormParameters?) throws(OAuthError) {
        let malformed = OAuthError(.invalidRequest, "The access token is not sent exactly once.")
        let inForm = form?.contains(.accessToken) ?? false
        guard authorization.count + (inForm ? 1 : 0) <= 1 else { throw malformed }
        if let header = authorization.first {
            let bytes = Array(header.utf8)
            guard bytes.count > 7,
                String(decoding: bytes[..<7], as: UTF8.self).lowercased().isExactly("bearer "),
                bytes[7...].allSatisfy({ $0 > 0x20 && $0 < 0x7F })
            else { throw malformed }
            text = String(decoding: bytes[7...], as: UTF8.self)
        } else if let form, inForm {
            guard let value = form[.accessToken] else { throw malformed }
            text = value
        } else {
            return nil
        }
    }
}

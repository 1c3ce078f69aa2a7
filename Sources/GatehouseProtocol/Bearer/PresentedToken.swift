private import GatehouseEncoding

/// The access token of a request to a protected resource, and the scheme that it is presented by:
/// `Bearer` (RFC 6750 §2) or `DPoP` (RFC 9449 §7.1).
public enum PresentedToken: Sendable {
    case bearer(String)
    case dpop(String)

    /// The token as it was sent.
    public var text: String {
        switch self {
        case .bearer(let text), .dpop(let text): text
        }
    }

    /// Finds the token in the values of the request's `Authorization` headers and in its form body,
    /// if it has one; nil if the request carries no token at all.
    ///
    /// A token that is bound to a key comes in the header only.
    public init?(authorization: [String], form: FormParameters?) throws(OAuthError) {
        guard let header = authorization.first, Self.isDPoP(header) else {
            guard let token = try BearerToken(authorization: authorization, form: form) else {
                return nil
            }
            self = .bearer(token.text)
            return
        }
        let token = header.utf8.dropFirst(Self.scheme.utf8.count)
        guard authorization.count == 1, !(form?.contains(.accessToken) ?? false), !token.isEmpty,
            token.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else {
            throw OAuthError(.invalidRequest, "The access token is not sent exactly once.")
        }
        self = .dpop(String(decoding: token, as: UTF8.self))
    }

    private static let scheme = "dpop "

    /// Whether the value of an `Authorization` header is of the scheme `DPoP`.
    public static func isDPoP(_ header: String) -> Bool {
        WireText.equalIgnoringCase(Array(header.utf8.prefix(scheme.utf8.count))[...], scheme)
    }
}

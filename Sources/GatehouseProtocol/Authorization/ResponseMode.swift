private import GatehouseEncoding

/// How an authorization response travels to the client (OAuth 2.0 Multiple Response Type Encoding
/// Practices §2.1, Form Post Response Mode 1.0, JARM §2.3).
public struct ResponseMode: Sendable, Hashable {
    /// What carries the parameters through the browser.
    public enum Carrier: Sendable {
        case query
        case fragment
        /// A page that posts a form to the redirect URI.
        case formPost
    }

    /// What carries the parameters.
    public let carrier: Carrier
    /// True if the parameters travel inside one signed JWT (JARM).
    public let isSigned: Bool

    /// The mode of a request that names none (RFC 6749 §4.1.2).
    public static let query = ResponseMode(carrier: .query, isSigned: false)

    /// The mode that JARM calls the usual one for codes (JARM §2.3.4).
    package static let signedQuery = ResponseMode(carrier: .query, isSigned: true)

    private init(carrier: Carrier, isSigned: Bool) {
        self.carrier = carrier
        self.isSigned = isSigned
    }

    /// The modes by their registered names.
    private static let named: [(name: String, mode: ResponseMode)] = [
        ("query", .query),
        ("fragment", ResponseMode(carrier: .fragment, isSigned: false)),
        ("form_post", ResponseMode(carrier: .formPost, isSigned: false)),
        ("query.jwt", .signedQuery),
        ("fragment.jwt", ResponseMode(carrier: .fragment, isSigned: true)),
        ("form_post.jwt", ResponseMode(carrier: .formPost, isSigned: true)),
    ]

    /// The name by which a client leaves the carrier to the response type: the query, for codes
    /// (JARM §2.3.4).
    private static let signed = "jwt"

    /// The names that metadata lists.
    public static var offered: [String] { named.map(\.name) + [signed] }

    /// Reads a name; nil unless it is one of those offered.
    public init?(parsing text: String) {
        if text.isExactly(Self.signed) {
            self = .signedQuery
            return
        }
        guard let named = Self.named.first(where: { text.isExactly($0.name) }) else { return nil }
        self = named.mode
    }

    /// The name of the mode.
    public var text: String {
        Self.named.first { $0.mode == self }?.name ?? Self.signed
    }
}

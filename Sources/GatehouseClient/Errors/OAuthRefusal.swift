/// How a provider refused (RFC 6749 §5.2): a code, and maybe words for a developer.
public struct OAuthRefusal: Error, Sendable, Equatable {
    /// The code, such as `invalid_grant`.
    public let code: String
    /// What the provider says of it; not for the eyes of those who use the app.
    public let detail: String?
    /// The status of the answer; nil if it came through the browser.
    public let status: Int?

    /// Makes a refusal of its parts; no text is longer than what is worth reading.
    init(code: String, detail: String?, status: Int?) {
        self.code = String(code.prefix(100))
        self.detail = detail.map { String($0.prefix(500)) }
        self.status = status
    }
}

extension OAuthRefusal: CustomStringConvertible {
    /// The code, and what the provider says of it.
    public var description: String { detail.map { "\(code): \($0)" } ?? code }
}

/// How a provider refused (RFC 6749 §5.2): a code, and maybe words for a developer.
public struct OAuthRefusal: Error, Sendable, Equatable {
    /// The code, such as `invalid_grant`.
    public let code: String
    /// What the provider says of it; not for the eyes of those who use the app.
    public let detail: String?
    /// The status of the answer; nil if it came through the browser.
    public let status: Int?

    /// Makes a refusal of its parts; no text is longer than what is worth reading, and the code has
    /// only the characters of one (RFC 6749 §5.2), since it may come from anybody's query.
    init(code: String, detail: String?, status: Int?) {
        let isOfCode: (UInt8) -> Bool = { (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
        self.code = String(decoding: code.utf8.filter(isOfCode).prefix(100), as: UTF8.self)
        self.detail = detail.map { String(decoding: $0.utf8.prefix(500), as: UTF8.self) }
        self.status = status
    }
}

extension OAuthRefusal: CustomStringConvertible {
    /// The code alone: what else is said may hold whatever somebody wants to see in a log.
    public var description: String { code }
}

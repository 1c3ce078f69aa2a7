/// What the application holds for one person.
struct Tokens: Sendable {
    var id: IDToken
    var access: String
    /// Seconds since 1970, as all times here.
    var accessExpiresAt: Int64
    var refresh: String?
}

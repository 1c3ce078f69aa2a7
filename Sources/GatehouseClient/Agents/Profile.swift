/// Who a person is, as far as the app was told (OpenID Connect Core §5.1).
public struct Profile: Sendable, Equatable {
    /// Everything that was said, for claims of the provider's own.
    public let claims: Claims

    /// The person, by an id that never changes: what to store.
    ///
    /// Names and addresses change.
    public var subject: String { claims.subject }
    /// The full name.
    public var name: String? { claims.text("name") }
    /// The given name.
    public var givenName: String? { claims.text("given_name") }
    /// The family name.
    public var familyName: String? { claims.text("family_name") }
    /// What the person likes to be called by.
    public var preferredUsername: String? { claims.text("preferred_username") }
    /// The address of a picture.
    public var picture: String? { claims.text("picture") }
    /// The e-mail address; believe it no more than ``isEmailVerified`` says.
    public var email: String? { claims.text("email") }
    /// Whether the provider knows that the e-mail address is the person's.
    public var isEmailVerified: Bool { claims.flag("email_verified") ?? false }
    /// The language, such as `de-AT`.
    public var locale: String? { claims.text("locale") }
    /// When the person proved who they are, in seconds since 1970.
    public var authenticatedAt: Int64? { claims.number("auth_time") }
    /// The session at the provider, which a logout token names.
    public var sessionID: String? { claims.text("sid") }
}

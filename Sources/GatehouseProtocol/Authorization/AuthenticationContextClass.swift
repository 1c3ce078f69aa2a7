/// How an issuer came to know who someone is, as one of the names that clients may ask for (`acr`,
/// OpenID Connect Core §2, RFC 9470).
///
/// Only what is true is a case: a class exists from the day on which people can meet it.
public enum AuthenticationContextClass: String, Sendable, CaseIterable {
    /// A password over a protected connection: one factor, and no more than that.
    case password = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"

    /// The names that metadata lists.
    static var offered: [String] { allCases.map(\.rawValue) }
}

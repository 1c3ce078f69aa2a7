/// A set of scope values in the order in which they were asked for (RFC 6749 §3.3).
public struct Scope: Sendable, Hashable {
    /// The values, each once; ASCII by construction.
    public let values: [String]

    /// The most bytes that a scope parameter may have.
    public static let limit = 4_096

    /// No scope at all.
    public static let none = Scope(unchecked: [])

    private init(unchecked values: [String]) {
        self.values = values
    }

    /// Parses a space-delimited list; each value is of the characters that RFC 6749 §3.3 allows.
    public init(parsing text: String) throws(OAuthError) {
        guard text.utf8.count <= Self.limit else {
            throw OAuthError(.invalidScope, "The scope is too long.")
        }
        var values: [String] = []
        var seen: Set<String> = []
        for part in text.utf8.split(separator: UInt8(ascii: " ")) {
            guard part.allSatisfy(Self.allows), let value = String(part) else {
                throw OAuthError(.invalidScope, "The scope holds a character that is not allowed.")
            }
            if seen.insert(value).inserted { values.append(value) }
        }
        self.values = values
    }

    /// Makes a scope of literal values.
    public init(_ values: StaticString...) {
        self.values = values.map(\.description)
    }

    /// The list as it is sent.
    public var text: String { values.joined(separator: " ") }

    /// True if nothing was asked for.
    public var isEmpty: Bool { values.isEmpty }

    /// True if the value was asked for.
    public func contains(_ value: String) -> Bool { values.contains(value) }

    /// True if everything asked for here is also in the other scope.
    public func isSubset(of other: Scope) -> Bool { values.allSatisfy(other.values.contains) }

    /// What of this scope is also in the other one.
    public func intersection(_ other: Scope) -> Scope {
        Scope(unchecked: values.filter(other.values.contains))
    }

    /// What of this scope fits.
    package func filter(_ fits: (String) -> Bool) -> Scope {
        Scope(unchecked: values.filter(fits))
    }

    /// This scope, and behind it what only the other one has.
    package func adding(_ other: Scope) -> Scope {
        Scope(unchecked: values + other.subtracting(self).values)
    }

    /// What of this scope is not in the other one.
    public func subtracting(_ other: Scope) -> Scope {
        Scope(unchecked: values.filter { !other.values.contains($0) })
    }

    private static func allows(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21, 0x23...0x5B, 0x5D...0x7E: true
        default: false
        }
    }
}

extension Scope {
    /// Asks for an ID token: an OpenID Connect request (OpenID Connect Core §3.1.2.1).
    public static let openID = "openid"
    /// Asks for the profile claims (OpenID Connect Core §5.4).
    public static let profile = "profile"
    /// Asks for the e-mail claims (OpenID Connect Core §5.4).
    public static let email = "email"
    /// Asks for a refresh token that outlives the session (OpenID Connect Core §11).
    public static let offlineAccess = "offline_access"

    /// Asks for a token by which an app answers for the person what clients ask from elsewhere; it is
    /// none of OpenID Connect.
    public static let approvals = "approvals"

    /// Asks for a token by which a resource server follows what changes access; it is none of OpenID
    /// Connect.
    public static let changes = "changes"

    /// The scopes that are about who the user is; every other one is about an API.
    public static let identity = Scope("openid", "profile", "email", "offline_access")
}

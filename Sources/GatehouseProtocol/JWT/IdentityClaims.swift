package import GatehouseEncoding

/// What is known of a person, as claims (OpenID Connect Core §5.1).
///
/// Which of them go out is decided by the scope (§5.4) and by what is asked for by name (§5.5).
public struct IdentityClaims: Sendable, Equatable {
    /// The full name.
    public var name: String?
    /// The name that the person signs in with.
    public var preferredUsername: String?
    /// Seconds since 1970.
    public var updatedAt: Int64?
    /// The e-mail address.
    public var email: String?
    /// True if the address was proven to be theirs.
    public var emailVerified: Bool

    /// Makes claims of what is known.
    public init(
        name: String?, preferredUsername: String?, updatedAt: Int64?, email: String?,
        emailVerified: Bool
    ) {
        self.name = name
        self.preferredUsername = preferredUsername
        self.updatedAt = updatedAt
        self.email = email
        self.emailVerified = emailVerified
    }

    /// The names of the claims, as metadata lists them.
    package static let names = [
        "name", "preferred_username", "updated_at", "email", "email_verified",
    ]

    /// The scope that asks for a claim (OpenID Connect Core §5.4).
    package static func scope(of claim: String) -> String {
        claim == "email" || claim == "email_verified" ? Scope.email : Scope.profile
    }

    /// Writes the claims that the scope asks for, and those that are asked for by name.
    package func write(for scope: Scope, and names: [String], to json: inout JSONMembers) {
        write(to: &json) { scope.contains(Self.scope(of: $0)) || names.contains($0) }
    }

    /// Writes the claims of these names, as far as they are known.
    package func write(named names: Set<String>, to json: inout JSONMembers) {
        write(to: &json, where: names.contains)
    }

    private func write(to json: inout JSONMembers, where isWanted: (String) -> Bool) {
        if let name, isWanted("name") { json.add("name", name) }
        if let preferredUsername, isWanted("preferred_username") {
            json.add("preferred_username", preferredUsername)
        }
        if let updatedAt, isWanted("updated_at") { json.add("updated_at", updatedAt) }
        guard let email else { return }
        if isWanted("email") { json.add("email", email) }
        if isWanted("email_verified") { json.add("email_verified", emailVerified) }
    }
}

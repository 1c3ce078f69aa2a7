internal import GatehouseEncoding

/// That somebody belongs to an organization, and what they may do there.
public struct OrganizationMembership: Sendable, Equatable {
    /// The organization, by an id that never changes.
    public let id: String
    /// What the person is called there, such as `Founder`.
    public let title: String?
    /// What the person may do there, such as `projects:write`.
    public let scopes: [String]
    /// Since when, in seconds since 1970.
    public let joinedAt: Int64?

    /// Makes a membership, as tests do.
    public init(id: String, title: String? = nil, scopes: [String], joinedAt: Int64? = nil) {
        self.id = id
        self.title = title
        self.scopes = scopes
        self.joinedAt = joinedAt
    }

    /// Reads one member of the claim `organizations`; nil if it is none.
    init?(_ value: JSONValue) {
        guard let id = value["id"]?.string, !id.isEmpty, let scopes = value["scopes"]?.strings
        else { return nil }
        switch value["title"] {
        case nil, .some(.null): title = nil
        case .some(.string(let text)): title = text
        default: return nil
        }
        self.id = id
        self.scopes = scopes
        joinedAt = value["joined_at"]?.integer
    }
}

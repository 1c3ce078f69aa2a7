import GatehouseProtocol
private import GatehouseScopes
import GatehouseSQL

/// A long-lived secret by which a program acts at APIs for a user or for an organization, without
/// signing in.
///
/// APIs ask about it by introspection; nothing else can be had for it. It is random, so its digest is
/// enough to check it.
package struct APIKey: Sendable, Identified {
    package typealias ID = Identifier<APIKey>
    package static let identifierPrefix = "key"

    package let id: ID
    package let name: DisplayName
    /// How the key begins, so that whoever finds one can tell which it is.
    package let beginning: String
    package let owner: Owner
    /// The APIs that may ask about it, by their indicators; never empty.
    package let audience: [String]
    package let scopes: MembershipScopes
    /// Where it may be used from; empty for anywhere.
    package let networks: [AllowedNetwork]
    package let createdAt: Timestamp
    /// When it stops being good; nil if it does not.
    package let expiresAt: Timestamp?
    /// When an API was last told that it is good, at most a second behind.
    package let lastUsedAt: Timestamp?

    /// Whose it is: it does nothing that they may not do any more.
    package enum Owner: Sendable, Hashable {
        /// A person, as nobody but themselves.
        case user(User.ID)
        /// A person, in one of their organizations.
        case member(User.ID, Organization.ID)
        /// An organization itself.
        case organization(Organization.ID)

        package var user: User.ID? {
            switch self {
            case .user(let user), .member(let user, _): user
            case .organization: nil
            }
        }

        package var organization: Organization.ID? {
            switch self {
            case .organization(let organization), .member(_, let organization): organization
            case .user: nil
            }
        }
    }

    /// The most that one owner may have, and the most networks of one.
    package static let limit: Int64 = 100
    package static let mostNetworks = 20
    /// The most APIs of one.
    package static let mostAudience = 10

    package init(
        _ secret: Secret, called name: DisplayName, of owner: Owner, for audience: [String],
        scopes: MembershipScopes, networks: [AllowedNetwork], expiresAt: Timestamp?,
        at now: Timestamp
    ) {
        id = ID(at: now)
        self.name = name
        beginning = secret.beginning
        self.owner = owner
        self.audience = audience
        self.scopes = scopes
        self.networks = networks
        createdAt = now
        self.expiresAt = expiresAt
        lastUsedAt = nil
    }

    init(_ row: Row) throws {
        guard let name = DisplayName(parsing: try row.text("name")) else {
            throw DatabaseError.unexpectedColumn("api_key.name")
        }
        id = ID(stored: try row.text("id"))
        self.name = name
        beginning = try row.text("beginning")
        owner = try Owner(row)
        audience = try row.text("audience").split(separator: " ").map(String.init)
        scopes = try MembershipScopes(stored: try row.text("scopes"))
        networks = try row.text("networks").split(separator: " ").map { text in
            guard let network = AllowedNetwork(parsing: String(text)) else {
                throw DatabaseError.unexpectedColumn("api_key.networks")
            }
            return network
        }
        createdAt = Timestamp(milliseconds: try row.integer("created_at"))
        expiresAt = try row.optionalInteger("expires_at").map(Timestamp.init(milliseconds:))
        lastUsedAt = try row.optionalInteger("last_used_at").map(Timestamp.init(milliseconds:))
    }

    /// True if its time is not over, and it may be used from an address.
    ///
    /// Where only some networks are allowed, an address that nobody names is none of them.
    func isUsable(from address: IPAddress?, at now: Timestamp) -> Bool {
        guard expiresAt.map({ now < $0 }) ?? true else { return false }
        guard !networks.isEmpty else { return true }
        return address.map { address in networks.contains { $0.range.contains(address) } } ?? false
    }
}

/// A network from which a key may be used, as it was written.
package struct AllowedNetwork: Sendable, Hashable {
    package let text: String
    let range: AddressRange

    /// Nil if it is no network in CIDR notation, and no address.
    package init?(parsing text: String) {
        guard let range = AddressRange(text) else { return nil }
        self.text = text
        self.range = range
    }
}

extension APIKey.Owner {
    fileprivate init(_ row: Row) throws {
        let user = try row.optionalText("user_id").map(User.ID.init(stored:))
        let organization = try row.optionalText("organization_id")
            .map(Organization.ID.init(stored:))
        switch (user, organization) {
        case (let user?, let organization?): self = .member(user, organization)
        case (let user?, nil): self = .user(user)
        case (nil, let organization?): self = .organization(organization)
        case (nil, nil): throw DatabaseError.unexpectedColumn("api_key.user_id")
        }
    }
}

extension MembershipScopes {
    /// What of these scopes somebody who holds others may do: what they hold by name, and each action
    /// that something of theirs allows.
    func allowed(byHolding held: MembershipScopes) -> MembershipScopes {
        MembershipScopes(
            of: values.filter { held.contains($0) || $0.isAllowed(byHolding: held.values) })
    }
}

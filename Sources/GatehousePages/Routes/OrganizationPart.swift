import GatehouseCore
import GatehouseWeb

/// One of the pages on which members administer an organization, by its path below the page of all
/// organizations.
struct OrganizationPlace: Sendable {
    let slug: Slug
    let part: OrganizationPart
    /// The member that the page is about, if it is about one.
    var user: User.ID?

    var path: String { "/\(slug.text)\(part.path)\(user.map { "/\($0.text)" } ?? "")" }
}

extension OrganizationPart {
    var path: String {
        switch self {
        case .overview: ""
        case .members: "/members"
        case .invitations: "/invitations"
        case .applications: "/applications"
        case .keys: "/keys"
        }
    }
}

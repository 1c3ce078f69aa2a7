/// What a client learns of a person's organizations where none is selected.
package enum ToldOrganizations: Sendable {
    /// Which ones they are in, whatever they join later.
    case all
    /// Whether they are in some that the client is registered for: the names of those they are in.
    case named([String])

    /// Nil if the client is told of none.
    init?(_ visible: OrganizationAccess.Visible, of memberships: () throws -> [CurrentMembership])
        rethrows
    {
        switch visible {
        case .none: return nil
        case .all: self = .all
        case .only:
            // Those that they are not in are none of the person's business.
            self = .named(
                try memberships().filter { visible.contains($0.organizationID) }
                    .map(\.organizationName))
        }
    }
}

package import GatehouseProtocol
import GatehouseSQL

/// What tokens and answers say of organizations, looked up anew whenever one is made.
struct CurrentOrganizations: Sendable {
    let database: any Database

    enum Finding: Sendable {
        /// The client is told of none, and nobody asked.
        case hidden
        case found(OrganizationClaims)
        /// The organization that was selected is none that the person acts in, or none that the client
        /// is told of.
        case lost
        /// The person acts in it, and has to sign in again: it asks for that after a time.
        case stale
    }

    /// What a client is told of the organizations of a user.
    ///
    /// `selected` is the one that a token or a grant is for, if it is for one. A token stays one for
    /// its own organization, whatever its grant was switched to since. `signedIn` says since when the
    /// person is signed in, where new tokens are made.
    func finding(
        of user: User.ID, in selected: Organization.ID?, to client: Client, at tenant: Tenant.ID,
        signedIn: (since: Timestamp, now: Timestamp)? = nil
    ) async throws -> Finding {
        let visible = client.policies.organizations.visible
        guard !visible.isEmpty else { return .hidden }
        guard let selected else {
            var memberships = try await database.read {
                try $0.records(of: tenant).memberships.allTold(of: user)
            }
            memberships.removeAll { !visible.contains($0.organizationID) }
            return .found(.all(memberships.claims))
        }
        guard visible.contains(selected) else { return .lost }
        let membership = try await database.read {
            try $0.records(of: tenant).memberships.findCurrent(of: user, in: selected)
        }
        guard let membership else { return .lost }
        if let signedIn, membership.isOver(signedIn.since, at: signedIn.now) { return .stale }
        return .found(.selected(membership.selection))
    }

    /// The same of a client that acts for itself: the organization that it belongs to.
    func finding(ofClient client: Client, at tenant: Tenant.ID) async throws -> Finding {
        guard let owner = client.policies.organizations.owner else { return .hidden }
        let isActive = try await database.read {
            try $0.records(of: tenant).organizations.isActive(owner)
        }
        return isActive ? .found(.owner(owner.text)) : .lost
    }
}

extension Client {
    /// True if what is told of organizations makes a token longer than cookies and headers may be.
    package func isOutgrown(by response: TokenResponse) -> Bool {
        !policies.organizations.visible.isEmpty
            && response.longestToken > TokenResponse.comfortableLength
    }
}

private import GatehouseEncoding
import GatehouseProtocol
import GatehouseSQL

/// Which organization a visit is for.
package enum OrganizationSelection: Sendable {
    /// None in particular: the client is told of all that it may see, or of nothing.
    case notNeeded
    /// One of those that fit: the person may go on in another.
    case selected(CurrentMembership, among: [CurrentMembership])
    /// The person has to choose among these.
    case choose([CurrentMembership])
    /// None in which the person acts and that the client is told of: the client is refused.
    case refused

    /// Decides by what the client wants, what the person chose, and where they act.
    init(
        of visit: Visit, among memberships: [CurrentMembership], chosen: Organization.ID?
    ) {
        guard visit.mayNeedOrganization else {
            self = .notNeeded
            return
        }
        let visible = visit.client.policies.organizations.visible
        let fitting = memberships.filter { visible.contains($0.organizationID) }
        if let requested = visit.interaction.request.organization {
            let named = fitting.first { membership in
                requested.name.map(membership.isNamed) ?? false
            }
            self = named.map { .selected($0, among: [$0]) } ?? .refused
        } else if let chosen = fitting.first(where: { $0.organizationID == chosen }) {
            self = .selected(chosen, among: fitting)
        } else if let first = fitting.first {
            // Whoever chose one that does not fit any more is asked again, even if one is left.
            let isOnly = fitting.count == 1 && chosen == nil
            self = isOnly ? .selected(first, among: fitting) : .choose(fitting)
        } else {
            self = .refused
        }
    }

    /// What the client is told whose request is for an organization in which the person does not act.
    static let refusal = OAuthError(
        .accessDenied, "The person does not act in the organization, or in any that fits.")

    /// The one that the visit is for; nil if it is for none in particular, or that is not settled.
    var selected: Organization.ID? {
        if case .selected(let membership, _) = self { membership.organizationID } else { nil }
    }

    /// How long a sign-in counts there; nil if the organization does not say, or there is none.
    var sessionLength: Lifetime? {
        if case .selected(let membership, _) = self { membership.sessionLength } else { nil }
    }

    /// Those that the person may go on in, if there are several.
    package var choices: [CurrentMembership] {
        switch self {
        case .choose(let fitting): fitting
        case .selected(_, among: let fitting) where fitting.count > 1: fitting
        case .selected, .notNeeded, .refused: []
        }
    }

    /// True if the person has to choose.
    var isOpen: Bool {
        if case .choose = self { true } else { false }
    }

    /// True if nothing comes of the visit.
    var isRefused: Bool {
        if case .refused = self { true } else { false }
    }
}

extension CurrentMembership {
    /// True if the organization is called so: by its id or its slug, which no id looks like.
    fileprivate func isNamed(_ name: String) -> Bool {
        name.isExactly(organizationID.text) || name.isExactly(slug.text)
    }
}

extension Visit {
    /// True if the visit may be for one organization: its client is told of organizations, and names
    /// one or has people select.
    var mayNeedOrganization: Bool {
        let organizations = client.policies.organizations
        return organizations.isAsked && interaction.device == nil && interaction.page == nil
            && (organizations.needsSelection || interaction.request.organization != nil)
    }
}

extension TenantRecords {
    /// Where a person acts, if the visit may be for one organization; nobody asks otherwise.
    func selection(for visit: Visit, by user: User.ID?) throws -> OrganizationSelection {
        guard let user, visit.mayNeedOrganization else { return .notNeeded }
        return OrganizationSelection(
            of: visit, among: try candidates(for: visit, by: user),
            chosen: visit.interaction.chosenOrganization)
    }

    /// The memberships that come into question.
    ///
    /// One that is named or chosen is looked up by itself: a person may have hundreds.
    private func candidates(for visit: Visit, by user: User.ID) throws -> [CurrentMembership] {
        if let requested = visit.interaction.request.organization {
            let id = try requested.name.flatMap { try organizationID(named: $0) }
            return try id.flatMap { try memberships.findCurrent(of: user, in: $0) }.map { [$0] }
                ?? []
        }
        // A page that asks more leads back to the others.
        if let chosen = visit.interaction.chosenOrganization, !visit.mayAskConsent,
            visit.client.policies.organizations.visible.contains(chosen),
            let membership = try memberships.findCurrent(of: user, in: chosen)
        {
            return [membership]
        }
        return try memberships.allCurrent(of: user)
    }

    private func organizationID(named name: String) throws -> Organization.ID? {
        if let id = Organization.ID(parsing: name) { return id }
        return try Slug(parsing: name).flatMap { try organizations.find($0)?.id }
    }
}

extension SignIn {
    /// Goes on with the organization that the person chose.
    ///
    /// One that is none of those on offer leads back to the page.
    package func choose(
        _ organization: Organization.ID, _ progress: Progress, on occasion: Occasion
    ) async throws -> Outcome {
        guard progress.mayChooseOrganization,
            progress.organization.choices.contains(where: { $0.organizationID == organization })
        else { return .proceed(nil) }
        let visit = progress.visit.choosing(organization)
        let record = try await database.write { transaction in
            let records = transaction.records(of: visit.tenant.id)
            try records.interactions.chooseOrganization(visit.interaction.id, organization)
            return try records.record(of: visit, by: progress.accounts)
        }
        let next = try await self.progress(
            visit, record, device: progress.device, at: occasion.now)
        return try await finish(next, on: occasion)
    }
}

extension SignIn.Progress {
    /// True if the person can say which organization it is for: they have to, or are asked what they
    /// allow there.
    package var mayChooseOrganization: Bool {
        guard visit.interaction.finishedAt == nil, !organization.choices.isEmpty else {
            return false
        }
        return step == .chooseOrganization || step == .askConsent
    }
}

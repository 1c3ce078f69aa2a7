/// Whoever administers, and what they may: a program with a key, or a person who is signed in.
package struct Administrator: Sendable {
    /// As events name them.
    package let actor: Event.Actor
    /// What people call them.
    package let name: String
    /// What they are, and where; never empty.
    package let standings: [Standing]

    /// What somebody is, and where.
    package struct Standing: Sendable, Hashable {
        package let role: AdministratorRole
        package let reach: AdministratorReach

        package init(_ role: AdministratorRole, of reach: AdministratorReach) {
            self.role = role
            self.reach = reach
        }
    }

    package init(_ actor: Event.Actor, called name: String, as standings: [Standing]) {
        self.actor = actor
        self.name = name
        self.standings = standings
    }

    /// Why they may not do something that asks for a power, at a tenant if it is about one; nil if
    /// they may: the one place that decides so.
    package func refusal(
        of power: AdministratorPower, at tenant: Tenant.ID?
    ) -> AdministratorRefusal? {
        var refusal = AdministratorRefusal.noTenant
        for standing in standings {
            switch standing.refusal(of: power, at: tenant) {
            case nil: return nil
            case .needsRole(let role): refusal = .needsRole(role)
            case .needsInstallation: if refusal == .noTenant { refusal = .needsInstallation }
            case .noTenant: break
            }
        }
        return refusal
    }

    /// Their greatest role at a tenant, or over the whole installation; nil if they have none.
    package func role(at tenant: Tenant.ID?) -> AdministratorRole? {
        AdministratorPower.allCases.last { refusal(of: $0, at: tenant) == nil }?.leastRole
    }

    /// True if they administer the whole installation.
    package var administersInstallation: Bool {
        standings.contains { $0.reach == .installation }
    }

    /// The tenants that they administer by name, besides all of the installation.
    package var tenants: [Tenant.ID] {
        standings.compactMap { standing in
            if case .tenant(let id) = standing.reach { id } else { nil }
        }
    }
}

extension Administrator.Standing {
    fileprivate func refusal(
        of power: AdministratorPower, at tenant: Tenant.ID?
    ) -> AdministratorRefusal? {
        if case .tenant(let own) = reach {
            guard let tenant else { return .needsInstallation }
            guard tenant == own else { return .noTenant }
        }
        return role.may(power) ? nil : .needsRole(power.leastRole)
    }
}

extension AdministratorKey {
    /// Whoever brings the key.
    package var administrator: Administrator {
        Administrator(
            .administratorKey(id), called: name.text, as: [.init(role, of: reach)])
    }
}

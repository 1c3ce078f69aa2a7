/// How much an administrator may do, the least first; each may what those before it may.
package enum AdministratorRole: String, Sendable, CaseIterable {
    /// Looks at everything that is no secret.
    case viewer
    /// Helps people: ends sessions, takes back consents, suspends members, answers for them.
    case support
    /// Changes everything but what cannot be undone, and who administers.
    case admin
    /// Does all that can be done.
    case owner

    /// True if it is enough for an operation.
    package func may(_ power: AdministratorPower) -> Bool { power.leastRole.rank <= rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// What an operation asks of whoever wants it.
package enum AdministratorPower: String, Sendable, CaseIterable {
    /// It shows something and changes nothing.
    case look
    /// It helps one person, and can be taken back.
    case help
    /// It changes what a tenant is and does.
    case manage
    /// It cannot be undone, or it makes administrators.
    case own

    /// The least role that may do so.
    package var leastRole: AdministratorRole {
        switch self {
        case .look: .viewer
        case .help: .support
        case .manage: .admin
        case .own: .owner
        }
    }
}

/// What an administrator may touch.
package enum AdministratorReach: Sendable, Hashable {
    /// The whole installation and all of its tenants.
    case installation
    /// One tenant, and nothing that shows that there are others.
    case tenant(Tenant.ID)

    /// What those may touch whom the records of a tenant call administrators.
    init(of tenant: Tenant.ID) {
        self = tenant == Tenant.instance ? .installation : .tenant(tenant)
    }

    /// The tenant whose records tell of the administrator.
    package var tenant: Tenant.ID {
        switch self {
        case .installation: Tenant.instance
        case .tenant(let id): id
        }
    }
}

/// Why an administrator may not do something.
package enum AdministratorRefusal: Error, Sendable, Hashable {
    /// To them there is no such tenant.
    case noTenant
    /// Their role is not enough: this one would be.
    case needsRole(AdministratorRole)
    /// It concerns the whole installation, and they administer one tenant.
    case needsInstallation
}

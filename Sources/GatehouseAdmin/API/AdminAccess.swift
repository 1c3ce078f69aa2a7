import GatehouseCore

/// What an administrator may do at the place that a path names: the tenant is looked up once, however
/// many endpoints are asked about.
struct AdminAccess: Sendable {
    private let administrator: Administrator
    /// What the path calls the tenant; nil if it names none.
    private let name: String?
    /// The tenant, as far as that matters to who may; nil if there is none of that name, too.
    private let tenant: Tenant.ID?

    init(
        for administrator: Administrator, at name: String?, of gatehouse: Gatehouse
    ) async throws {
        self.administrator = administrator
        self.name = name
        if let name, !administrator.tenants.isEmpty {
            tenant =
                if let slug = Slug(parsing: name) {
                    try await gatehouse.tenants.find(slug)?.id
                } else { nil }
        } else {
            tenant = administrator.tenants.first
        }
    }

    /// True if they may do what an endpoint offers.
    func allows(_ endpoint: AdminEndpoint) -> Bool { refusal(of: endpoint) == nil }

    /// Refuses whoever may not do this, before anything else of the request is looked at.
    func check(_ endpoint: AdminEndpoint) throws(Problem) {
        switch refusal(of: endpoint) {
        case nil: return
        case .noTenant:
            // The same whether there is no such tenant or one that they do not administer.
            throw Problem(.notFound, "There is no tenant “\(name ?? "")”.")
        case .needsRole(let role):
            throw Problem(
                .roleRequired,
                "This needs the role \(role.rawValue); you have "
                    + "\(administrator.role(at: place(of: endpoint))?.rawValue ?? "none").")
        case .needsInstallation:
            throw Problem(.installationRequired, Problem.Code.installationRequired.title)
        }
    }

    private func refusal(of endpoint: AdminEndpoint) -> AdministratorRefusal? {
        let place = place(of: endpoint)
        if place == nil, !endpoint.concernsInstallation, !administrator.tenants.isEmpty {
            return .noTenant
        }
        return administrator.refusal(of: endpoint.power, at: place)
    }

    private func place(of endpoint: AdminEndpoint) -> Tenant.ID? {
        endpoint.concernsInstallation ? nil : tenant
    }
}

import GatehouseCore

/// Whether an administrator may do what an endpoint offers, at the place that its path names.
struct AdminAccess: Sendable {
    private let endpoint: AdminEndpoint
    private let gatehouse: Gatehouse
    private let administrator: Administrator

    init(to endpoint: AdminEndpoint, of gatehouse: Gatehouse, for administrator: Administrator) {
        self.endpoint = endpoint
        self.gatehouse = gatehouse
        self.administrator = administrator
    }

    /// Refuses whoever may not do this, before anything else of the request is looked at.
    func check(_ path: [(name: String, value: String)]) async throws {
        let place = try await place(path)
        switch administrator.refusal(of: endpoint.power, at: place) {
        case nil: return
        case .noTenant: throw noTenant(path)
        case .needsRole(let role):
            throw Problem(
                .roleRequired,
                "This needs the role \(role.rawValue); you have "
                    + "\(administrator.role(at: place)?.rawValue ?? "none").")
        case .needsInstallation:
            throw Problem(.installationRequired, Problem.Code.installationRequired.title)
        }
    }

    /// The tenant that it is about, as far as that matters to who may.
    private func place(_ path: [(name: String, value: String)]) async throws -> Tenant.ID? {
        guard !endpoint.concernsInstallation, let own = administrator.tenants.first else {
            return nil
        }
        guard let text = path.first(where: { $0.name == "tenant" })?.value else { return own }
        guard let slug = Slug(parsing: text),
            let tenant = try await gatehouse.tenants.find(slug)
        else { throw noTenant(path) }
        return tenant.id
    }

    /// The same whether there is no such tenant or one that they do not administer.
    private func noTenant(_ path: [(name: String, value: String)]) -> Problem {
        let text = path.first { $0.name == "tenant" }?.value ?? ""
        return Problem(.notFound, "There is no tenant “\(text)”.")
    }
}

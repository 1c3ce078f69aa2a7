import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb

/// What is found out about the installation, about a registration, or about an address before it is
/// registered.
struct CheckOperations {
    let operation: Operation
    let setting: Operation.Setting

    func perform() async throws -> JSONValue {
        if operation.name == .checkInstallation { return try await checkInstallation() }
        let tenant = try await operation.tenant(in: setting)
        if operation.name == .checkRedirectURI { return try checkRedirectURI() }
        let client = try await operation.client(of: tenant, in: setting)
        let check = ClientCheck(try await situation(of: client, in: tenant))
        return [
            "client_id": .string(client.id.text),
            "verdict": .string(check.findings.verdict.rawValue),
            "findings": .array(check.findings.map(\.shown)),
        ]
    }

    private func checkInstallation() async throws -> JSONValue {
        let now = setting.occasion.now
        let check = InstallationCheck(
            InstallationSituation(
                base: setting.addresses.base, facts: setting.facts,
                found: try await setting.gatehouse.inspectInstallation.inspect(at: now), now: now))
        return [
            "version": .string(setting.facts.version),
            "database": .string(setting.facts.database),
            "started_at": .optional(
                setting.facts.serving.map { CalendarTime($0.startedAt).timestamp }),
            "verdict": .string(check.findings.verdict.rawValue),
            "findings": .array(check.findings.map(\.shown)),
        ]
    }

    private func checkRedirectURI() throws(OperationError) -> JSONValue {
        let name = operation.text("type") ?? Client.Kind.web.rawValue
        guard let kind = Client.Kind(rawValue: name), kind != .machine else {
            throw OperationError(
                .wrongUse, "--type must be web, spa or native.", about: "type")
        }
        return RedirectURICheck(try operation.require("uri"), for: kind).shown
    }

    private func situation(
        of client: Client, in tenant: Tenant
    ) async throws -> ClientSituation {
        let (gatehouse, now) = (setting.gatehouse, setting.occasion.now)
        return ClientSituation(
            tenant: tenant, client: client,
            issuer: tenant.primaryIssuer(base: setting.addresses.base),
            secrets: try await gatehouse.clients.secrets(of: client.id, in: tenant.id),
            resources: try await gatehouse.resources.list(in: tenant.id),
            keys: try await gatehouse.keys.list(of: tenant.id),
            domains: try await gatehouse.domains.list(in: tenant.id),
            longestTokens: try await gatehouse.foreseeTokens.longest(of: client, in: tenant.id),
            refused: try await gatehouse.refusedRequests.latest(
                of: client.id, in: tenant.id, limit: 1_000, at: now), now: now)
    }
}

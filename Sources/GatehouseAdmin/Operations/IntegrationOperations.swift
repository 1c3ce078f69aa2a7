import GatehouseCore
import GatehouseEncoding

/// What whoever writes an app is shown of its client.
struct IntegrationOperations {
    let operation: Operation
    let setting: Operation.Setting

    func perform() async throws -> JSONValue {
        let tenant = try await operation.tenant(in: setting)
        let client = try await operation.client(of: tenant, in: setting)
        let integration = Integration(
            of: client, at: tenant, setting.addresses,
            resources: try await setting.gatehouse.resources.list(in: tenant.id))
        guard let wanted = operation.text("with") else { return integration.shown }
        guard let chosen = integration.choosing(wanted) else {
            let known = integration.snippets.map(\.id).joined(separator: ", ")
            throw OperationError(
                .wrongUse, "--with must be one of: \(known).", about: "with")
        }
        return chosen.shown
    }
}

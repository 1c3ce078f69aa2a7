import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol

extension Operation {
    /// Makes a one-time link to the administration.
    func issueAdminLink(in setting: Setting) async throws -> JSONValue {
        let secret = try await setting.gatehouse.adminLink.issue(on: setting.occasion)
        let base = setting.addresses.base
        return [
            "url": .string(Portal.address(of: secret, base: base)),
            "expires_in": .integer(AdminLink.lifetime.seconds),
        ]
    }

    /// Copies the state to a directory that can be served from then on.
    func keepState(in setting: Setting) async throws -> JSONValue {
        guard let keep = setting.keep else {
            throw OperationError(.wrongUse, "Only an installation on SQLite can be kept this way.")
        }
        let directory = try require("directory")
        try await keep(directory)
        return ["data": .string(directory)]
    }
}

import GatehouseCore
import GatehouseEncoding
import GatehouseJOSE

/// What commands do to signing keys.
struct KeyOperations {
    let operation: Operation
    let setting: Operation.Setting

    func perform() async throws -> JSONValue {
        let tenant = try await operation.tenant(in: setting)
        let keys = setting.gatehouse.keys
        let now = setting.occasion.now
        switch operation.name {
        case .showKey:
            let kid = try operation.require("key")
            guard let key = try await keys.list(of: tenant.id).first(where: { $0.id == kid }) else {
                throw OperationError(.notFound, "There is no key “\(kid)”.")
            }
            return key.shown(at: now)
        case .createKey, .rotateKey:
            if operation.name == .createKey { try await refuseSecond(in: tenant) }
            let key = try await keys.rotate(
                try algorithm(), of: tenant.id,
                start: operation.arguments["at_once"]?.bool ?? false ? .atOnce : .afterLeadTime,
                on: setting.occasion)
            return key.shown(at: now)
        case .deleteKey:
            let kid = try operation.require("key")
            guard try await keys.delete(kid, of: tenant.id, on: setting.occasion) else {
                throw OperationError(.notFound, "There is no key “\(kid)”.")
            }
            return ["deleted": .string(kid)]
        default:
            return .array(try await keys.list(of: tenant.id).map { $0.shown(at: now) })
        }
    }

    /// Refuses to make a key of an algorithm that has one: that would be a rotation at once.
    private func refuseSecond(in tenant: Tenant) async throws {
        let algorithm = try algorithm()
        let now = setting.occasion.now
        let exists = try await setting.gatehouse.keys.list(of: tenant.id).contains {
            $0.algorithm == algorithm && [.active, .next].contains($0.state(at: now))
        }
        guard !exists else {
            throw OperationError(
                .conflict, "The tenant signs with \(algorithm.name) already; use “key rotate”.")
        }
    }

    private func algorithm() throws(OperationError) -> Algorithm {
        let algorithm = try operation.value(
            "algorithm", "The algorithm must be RS256, PS256, ES256 or EdDSA.",
            Algorithm.init(name:))
        guard let algorithm else { throw OperationError(.wrongUse, "Name the --algorithm.") }
        return algorithm
    }
}

import GatehouseCore
import GatehouseEncoding

/// What commands do to a tenant's limits.
struct LimitOperations {
    let operation: Operation
    let setting: Operation.Setting

    private var limits: AdministerLimits { setting.gatehouse.limits }

    func perform() async throws -> JSONValue {
        let tenant = try await operation.tenant(in: setting)
        if operation.name == .changeLimit { return try await change(in: tenant) }
        return .array(try await limits.list(of: tenant.id).map(\.shown))
    }

    private func change(in tenant: Tenant) async throws -> JSONValue {
        let text = try operation.require("limit")
        guard let name = Limit.Name(rawValue: text),
            let current = try await limits.list(of: tenant.id).first(where: { $0.name == name })
        else { throw OperationError(.notFound, "There is no limit “\(text)”.") }
        let (allowed, span) = (try allowed(), try span())
        if operation.arguments["reset"]?.bool ?? false {
            guard allowed == nil, span == nil else {
                throw OperationError(.wrongUse, "--default goes without --allow and --per.")
            }
            try await limits.reset(name, of: tenant.id, on: setting.occasion)
            return name.standard.shown
        }
        guard allowed != nil || span != nil else {
            throw OperationError(.wrongUse, "Say --allow, --per or both, or --default.")
        }
        let limit = Limit(name, allowed: allowed ?? current.allowed, per: span ?? current.span)
        try await limits.set(limit, of: tenant.id, on: setting.occasion)
        return limit.shown
    }

    private func allowed() throws(OperationError) -> Int? {
        guard let number = operation.arguments["allow"]?.integer else { return nil }
        guard Limit.allowedRange.contains(Int(clamping: number)) else {
            throw OperationError(.wrongUse, "--allow must be 1 to 1000000.")
        }
        return Int(clamping: number)
    }

    private func span() throws(OperationError) -> Lifetime? {
        try operation.value("per", "--per must be a time such as 90s, 15m, 1h or 7d, up to 31d.") {
            Lifetime(words: $0).flatMap { Limit.spanRange.contains($0) ? $0 : nil }
        }
    }
}

extension Limit {
    /// The limit as commands print it.
    fileprivate var shown: JSONValue {
        .object(
            JSONObject([
                ("limit", .string(name.rawValue)), ("allowed", .integer(Int64(allowed))),
                ("per", .string(span.words)),
                ("default", .bool(self == name.standard)),
                (
                    "standard",
                    .string("\(name.standard.allowed) per \(name.standard.span.words)")
                ),
            ]))
    }
}

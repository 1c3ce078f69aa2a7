import GatehouseCore
import GatehouseEncoding
import GatehouseWeb

/// What is done about where people are signed in.
struct SessionOperations {
    let operation: Operation
    let setting: Operation.Setting

    private var sessions: AdministerSessions { setting.gatehouse.sessions }

    func perform() async throws -> JSONValue {
        let tenant = try await operation.tenant(in: setting)
        let user = try await UserOperations(operation: operation, setting: setting)
            .find(in: tenant)
        switch operation.name {
        case .endSession:
            let text = try operation.require("session")
            guard let id = Session.ID(parsing: text),
                try await sessions.end(id, of: user.id, in: tenant.id, on: setting.occasion)
            else {
                throw OperationError(.notFound, "The user has no session “\(text)”.")
            }
            return ["ended": .string(text)]
        case .endAllSessions:
            guard try await sessions.endAll(of: user.id, in: tenant.id, on: setting.occasion) else {
                throw OperationError(.notFound, "The user is gone.")
            }
            return ["ended": .string(user.id.text)]
        default:
            return .array(
                try await sessions.list(of: user.id, in: tenant.id, at: setting.occasion.now)
                    .map(\.shown))
        }
    }
}

extension Session {
    /// The session as commands print it: its secret is in one browser, and nowhere else.
    fileprivate var shown: JSONValue {
        .object(
            JSONObject([
                ("id", .string(id.text)), ("user", .string(userID.text)),
                ("authenticated_at", .time(authenticatedAt)),
                (
                    "authentication_methods",
                    .array(authenticationMethods.map { .string($0.rawValue) })
                ),
                ("last_seen_at", .time(lastSeenAt)), ("expires_at", .time(expiresAt)),
                ("organization", .optional(through?.text)),
            ]))
    }
}

import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb

/// What commands do to what clients ask of people who are elsewhere.
struct BackchannelOperations {
    let operation: Operation
    let setting: Operation.Setting

    private var decisions: DecideBackchannelAuthentication {
        setting.gatehouse.decideBackchannelAuthentication
    }

    func perform() async throws -> JSONValue {
        let tenant = try await operation.tenant(in: setting)
        switch operation.name {
        case .allowBackchannel: return try await decide(.allow, in: tenant)
        case .denyBackchannel: return try await decide(.deny, in: tenant)
        default: return try await list(in: tenant)
        }
    }

    private func list(in tenant: Tenant) async throws -> JSONValue {
        let text = try operation.require("user")
        guard let user = User.ID(parsing: text) else {
            throw OperationError(.wrongUse, "“\(text)” is not the id of a user.")
        }
        let questions = try await decisions.questions(to: user, at: tenant, on: setting.occasion)
        return .array(questions.map(\.shown))
    }

    private func decide(
        _ answer: DecideBackchannelAuthentication.Answer, in tenant: Tenant
    ) async throws -> JSONValue {
        let text = try operation.require("request")
        guard let id = BackchannelAuthentication.ID(parsing: text),
            try await decisions.decide(.init(answer, to: id), at: tenant, on: setting.occasion)
        else {
            throw OperationError(
                .notFound,
                "“\(text)” cannot be answered: it is unknown, over or answered, or its user is "
                    + "signed in nowhere.")
        }
        return ["id": .string(text), "answer": .string(answer == .allow ? "allowed" : "denied")]
    }
}

extension DecideBackchannelAuthentication.Question {
    /// The question as commands print it.
    fileprivate var shown: JSONValue {
        .object(
            JSONObject([
                ("id", .string(authentication.id.text)), ("client", .string(client.id.text)),
                ("user", .string(authentication.userID.text)),
                ("scope", .string(authentication.scope.text)),
                ("binding_message", .optional(authentication.bindingMessage?.text)),
                ("created_at", .string(CalendarTime(authentication.createdAt).timestamp)),
                ("expires_at", .string(CalendarTime(authentication.expiresAt).timestamp)),
            ]))
    }
}

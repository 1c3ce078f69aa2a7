import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb

/// What is found out about authorization requests that were refused.
struct RefusedRequestOperations {
    let operation: Operation
    let setting: Operation.Setting

    private var refused: RefusedRequests { setting.gatehouse.refusedRequests }

    func perform() async throws -> JSONValue {
        let tenant = try await operation.tenant(in: setting)
        guard operation.name == .showRefusedRequest else {
            let client = try operation.value(
                "client", "--client needs the id of a client.", Client.ID.init(parsing:))
            let limit = try operation.limit()
            return .array(
                try await refused.latest(
                    of: client, in: tenant.id, limit: limit, at: setting.occasion.now
                ).map { .object($0.shown) })
        }
        let incident = try operation.require("incident")
        let found = try await refused.find(incident, in: tenant.id, at: setting.occasion.now)
        guard let found else {
            throw OperationError(
                .notFound,
                "No refused request is kept as “\(incident)”: they are kept for a day.")
        }
        return .object(found.explained)
    }
}

extension RefusedRequest {
    /// The request in a list.
    fileprivate var shown: JSONObject {
        JSONObject([
            ("incident", .string(incident)), ("occurred_at", .time(occurredAt)),
            ("client", .optional(clientID?.text)), ("rule", .string(rule)),
            ("error", .optional(error)),
        ])
    }

    /// The request with what was sent, what is registered, and where they differ.
    fileprivate var explained: JSONObject {
        var object = shown
        object.add("sent", .object(JSONObject(sent.map { ($0.name, .string($0.value)) })))
        object.add("registered", .array(registered.map { .string($0) }))
        let address = sent.first { $0.name == "redirect_uri" }?.value
        if error == nil, let address, let likeness = Likeness(of: address, among: registered) {
            object.add("nearest", .string(likeness.nearest))
            object.add("differs_at", .integer(Int64(likeness.differsAt)))
        }
        object.add("advice", .string(advice))
        return object
    }

    private var advice: String {
        switch Authorize.Refusal.Rule(rawValue: rule) {
        case .unregisteredRedirectURI:
            """
            Have the application ask for the answer at an address that is registered, character by \
            character; or, if the address that was sent is yours, add it to the client's redirect URIs.
            """
        case .unknownClient, .noClientID, .repeatedClientID:
            "Compare the client_id with those of the tenant, and look whether the client is disabled."
        case .ownerAway: "Activate or restore the organization that the client belongs to."
        case .noRedirectURI, .repeatedRedirectURI:
            "Have the application send one redirect_uri with each request."
        case .unusableRequestURI:
            "Have the application push the request again, and use what it gets once, within a minute."
        case .unusableRequestObject:
            "Compare the keys that are registered for the client with those it signs with."
        case nil:
            error == OAuthError.Code.invalidScope.rawValue
                ? "Have the application ask for less, or let the client ask for more."
                : "The client was told the same; the rule says what to mend in what it sends."
        }
    }
}

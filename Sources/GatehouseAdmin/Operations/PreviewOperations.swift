import GatehouseCore
import GatehouseEncoding
import GatehouseJOSE
import GatehouseProtocol

/// What tokens would be, for whoever wonders what is in them or why there are none.
struct PreviewOperations {
    let operation: Operation
    let setting: Operation.Setting

    func perform() async throws -> JSONValue {
        let tenant = try await operation.tenant(in: setting)
        let client = try await operation.client(of: tenant, in: setting)
        let user = try await user(for: client, in: tenant)
        let resources = try resources()
        let asked = PreviewTokens.Asked(
            by: client, about: user, scope: try scope(of: client),
            organization: operation.text("organization"), resources: resources)
        let preview = try await setting.gatehouse.previewTokens.preview(
            asked, at: tenant, through: tenant.primaryIssuer(base: setting.addresses.base),
            on: setting.occasion)
        let shown = ShownPreview(
            preview, of: client, about: resources.map(\.text),
            among: try await setting.gatehouse.resources.list(in: tenant.id))
        return .object(shown.json)
    }

    private func user(for client: Client, in tenant: Tenant) async throws -> User? {
        guard operation.text("user") != nil else {
            guard client.kind == .machine else {
                throw OperationError(
                    .wrongUse, "--user is missing: people sign in to this client.", about: "user")
            }
            return nil
        }
        guard client.kind != .machine else {
            throw OperationError(
                .wrongUse, "Nobody signs in to a machine: leave --user out.", about: "user")
        }
        return try await UserOperations(operation: operation, setting: setting).find(in: tenant)
    }

    /// What is asked for; all that the client may ask for, unless something is named.
    private func scope(of client: Client) throws(OperationError) -> Scope {
        let named = try operation.value(
            "scope", "The scope holds a character that is not allowed."
        ) {
            try? Scope(parsing: $0)  // the complaint says what is wrong
        }
        return named ?? (client.kind == .machine ? .none : client.scope)
    }

    private func resources() throws(OperationError) -> [ResourceIndicator] {
        try (operation.arguments["resources"]?.strings ?? []).map { text throws(OperationError) in
            guard let indicator = ResourceIndicator(text) else {
                throw OperationError(
                    .wrongUse, "“\(text)” is not an absolute URI without a fragment.",
                    about: "resources")
            }
            return indicator
        }
    }
}

/// A preview as operations answer it: claim by claim, each with its reason.
private struct ShownPreview {
    let json: JSONObject

    init(
        _ preview: TokenPreview, of client: Client, about asked: [String],
        among resources: [Resource]
    ) {
        let audience = asked.first ?? client.policies.audience
        let resource = resources.first { one in
            audience.map { one.indicator.text.isExactly($0) } ?? false
        }
        let reason = { (place: ClaimReason.Place) in
            ClaimReason(client: client, resource: resource, scope: preview.scope, place: place)
        }
        json = JSONObject([
            ("client_id", .string(client.id.text)),
            ("issued", .bool(preview.refusal == nil)),
            ("refusal", preview.refusal.map(Self.refusal) ?? .null),
            ("scope", .string(preview.scope.text)),
            ("steps", .array(preview.steps.map(Self.step))),
            (
                "access_token",
                preview.accessToken.map { Self.token($0, reason(.accessToken)) } ?? .null
            ),
            ("id_token", preview.idToken.map { Self.token($0, reason(.idToken)) } ?? .null),
            (
                "userinfo",
                preview.userInfo.map { ["claims": Self.claims($0, reason(.userInfo))] } ?? .null
            ),
        ])
    }

    private static func refusal(_ refusal: TokenPreview.Refusal) -> JSONValue {
        ["reason": .string(refusal.reason), "message": .string(refusal.message)]
    }

    private static func step(_ step: TokenPreview.Step) -> JSONValue {
        switch step {
        case .consent(let parts):
            let asked = parts.map { part in
                let values = part.scope.text
                return part.resource.isEmpty ? values : "\(values) at \(part.resource)"
            }
            return .string("The person is asked to allow: \(asked.joined(separator: "; ")).")
        case .proof:
            return .string(
                "The app proves a key or a certificate, and the token names it in cnf besides.")
        }
    }

    private static func token(_ token: TokenPreview.Token, _ reason: ClaimReason) -> JSONValue {
        let fits = token.length <= TokenResponse.comfortableLength
        return [
            "format": .string(token.algorithm == nil ? "opaque" : "jwt"),
            "algorithm": .optional(token.algorithm?.name),
            "bytes": .integer(Int64(token.length)), "fits": .bool(fits),
            "claims": claims(token.payload, reason),
        ]
    }

    private static func claims(_ payload: [UInt8], _ reason: ClaimReason) -> JSONValue {
        // It was written a moment ago, so it can be read.
        let members = (try? JSONObject(parsing: payload))?.members ?? []
        return .array(
            members.map { member in
                [
                    "name": .string(member.name),
                    "value": .string(String(decoding: member.value.serialized(), as: UTF8.self)),
                    "reason": .string(reason.sentence(about: member.name)),
                ]
            })
    }
}

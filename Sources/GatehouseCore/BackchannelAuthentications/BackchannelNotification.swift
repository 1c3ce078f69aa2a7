private import GatehouseEncoding
import GatehouseProtocol

/// What is needed to tell a client of an answer: both are secrets that have to be sent, so they are
/// kept until then, sealed.
struct BackchannelNotification: Sendable {
    /// What the client asks with.
    let authReqID: String
    /// What we prove ourselves by.
    let token: ClientNotificationToken

    init(of secret: Secret, by token: ClientNotificationToken) {
        authReqID = secret.revealed
        self.token = token
    }

    /// Seals it for one authentication of one tenant.
    func sealed(
        for id: BackchannelAuthentication.ID, in tenant: Tenant.ID, with key: InstanceKey
    ) throws -> [UInt8] {
        let json = JSONWriter.object { json in
            json.add("auth_req_id", authReqID)
            json.add("client_notification_token", token.revealed)
        }
        return try key.seal(json, for: Self.use(id, tenant))
    }

    /// Opens it again.
    init(
        opening sealed: [UInt8], of id: BackchannelAuthentication.ID, in tenant: Tenant.ID,
        with key: InstanceKey
    ) throws {
        let json = try JSONObject(parsing: key.open(sealed, for: Self.use(id, tenant)))
        guard let authReqID = json["auth_req_id"]?.string,
            let token = json["client_notification_token"]?.string
                .flatMap(ClientNotificationToken.init(parsing:))
        else { throw InstanceKeyError.wrongKey }
        self.authReqID = authReqID
        self.token = token
    }

    private static func use(
        _ id: BackchannelAuthentication.ID, _ tenant: Tenant.ID
    ) -> String {
        "client-notification/\(tenant.text)/\(id.text)"
    }
}

private import GatehouseEncoding
private import GatehouseProtocol
import GatehouseSQL

extension TellClients {
    /// What tells a client that a person has answered (OpenID Connect CIBA Core §10.2): that, and not
    /// what they said.
    func pingLetter(
        _ delivery: Delivery, of id: BackchannelAuthentication.ID, to client: Client,
        at now: Timestamp
    ) async throws -> Letter {
        guard let address = client.policies.tokenDelivery.notificationEndpoint else {
            throw DeliveryFailure.unregistered
        }
        let found = try await database.read { [tenant = delivery.tenantID] in
            try $0.records(of: tenant).backchannelAuthentications.find(id)
        }
        guard let found, now < found.expiresAt, let sealed = found.notification else {
            throw DeliveryFailure.expired
        }
        let notification = try BackchannelNotification(
            opening: sealed, of: id, in: delivery.tenantID, with: instanceKey)
        return Letter(
            address: address,
            content: OutboundContent(
                json: JSONWriter.object { $0.add("auth_req_id", notification.authReqID) },
                by: notification.token),
            // The token is not, or no longer, the one that the client expects.
            refusals: [400, 401, 403])
    }
}

import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol

/// What a command changes of how a client comes to its tokens once a person has answered elsewhere.
struct TokenDeliveryChange: Sendable {
    private let mode: TokenDeliveryMode?
    private let endpoint: OutboundAddress?

    init(_ operation: Operation) throws(OperationError) {
        mode = try operation.value(
            "backchannel_token_delivery_mode",
            "--backchannel-token-delivery-mode must be poll or ping.",
            TokenDeliveryMode.init(rawValue:))
        endpoint = try operation.value(
            "backchannel_client_notification_endpoint",
            "--backchannel-client-notification-endpoint must be an https address without a "
                + "fragment.",
            OutboundAddress.init(parsing:))
    }

    /// Makes the change, or says why it cannot be made.
    func apply(to client: inout Client) throws(OperationError) {
        guard mode != nil || endpoint != nil else { return }
        switch mode ?? client.policies.tokenDelivery.mode {
        case .poll:
            guard endpoint == nil else {
                throw OperationError(
                    .wrongUse,
                    "A notification endpoint is for --backchannel-token-delivery-mode ping.")
            }
            client.policies.tokenDelivery = .poll
        case .ping:
            guard client.policies.allowsBackchannelAuthentication else {
                throw OperationError(
                    .wrongUse, "The mode ping is for clients with --backchannel-authentication.")
            }
            guard let endpoint = endpoint ?? client.policies.tokenDelivery.notificationEndpoint
            else {
                throw OperationError(
                    .wrongUse,
                    "The mode ping needs a --backchannel-client-notification-endpoint.")
            }
            client.policies.tokenDelivery = .ping(endpoint)
        }
    }
}

package import GatehouseEncoding
package import GatehouseProtocol

/// How a client comes to its tokens once a person has answered elsewhere, and where it wants to be
/// told of the answer.
package enum TokenDelivery: Sendable, Hashable {
    case poll
    /// It is told at its client notification endpoint, and may ask before that.
    case ping(OutboundAddress)

    package var mode: TokenDeliveryMode {
        switch self {
        case .poll: .poll
        case .ping: .ping
        }
    }

    /// The client notification endpoint, if it wants to be told.
    package var notificationEndpoint: OutboundAddress? {
        if case .ping(let address) = self { address } else { nil }
    }

    /// What is stored: the address alone, which says that there is one to tell.
    init(stored address: String?) {
        self = address.flatMap(OutboundAddress.init(parsing:)).map(TokenDelivery.ping) ?? .poll
    }

    /// The names of client metadata (OpenID Connect CIBA Core §4).
    package var metadata: [(name: String, value: JSONValue)] {
        let mode = (
            name: "backchannel_token_delivery_mode", value: JSONValue.string(self.mode.rawValue)
        )
        guard let notificationEndpoint else { return [mode] }
        return [
            mode,
            (
                name: "backchannel_client_notification_endpoint",
                value: .string(notificationEndpoint.text)
            ),
        ]
    }
}

extension Client {
    /// Refuses a client that would have this installation tell itself, which is reached at an address
    /// of ours.
    package func requireFittingNotification(servedAt own: String) throws(ClientRefusal) {
        if let address = policies.tokenDelivery.notificationEndpoint, address.isOnServer(of: own) {
            throw .notificationHere
        }
    }
}

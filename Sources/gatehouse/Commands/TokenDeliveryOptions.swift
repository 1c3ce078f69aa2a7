import ArgumentParser
import GatehouseEncoding

/// The flags that say how a client comes to its tokens once a person has answered elsewhere (CIBA).
struct TokenDeliveryOptions: ParsableArguments {
    @Option(
        name: .customLong("backchannel-token-delivery-mode"),
        help: """
            How the client hears that somebody who is elsewhere has answered: poll, or ping to be \
            told.
            """)
    var mode: String?
    @Option(
        name: .customLong("backchannel-client-notification-endpoint"),
        help: "The https address at which the client is told, by POST, for ping.")
    var endpoint: String?

    var arguments: [(String, JSONValue?)] {
        [
            ("backchannel_token_delivery_mode", mode.map { .string($0) }),
            ("backchannel_client_notification_endpoint", endpoint.map { .string($0) }),
        ]
    }
}

import ArgumentParser
import GatehouseEncoding

/// The flags that say how a client hears of logouts, and where it begins a sign-in.
struct LogoutOptions: ParsableArguments {
    @Option(
        name: .customLong("backchannel-logout-uri"),
        help: """
            The https address to which the end of a session is told, by POST. An empty one: none.
            """)
    var backChannelLogoutURI: String?
    @Flag(
        name: .customLong("backchannel-logout-session-required"), inversion: .prefixedNo,
        help: "Whether the client needs a sid there; it gets one in any case.")
    var backChannelLogoutSessionRequired: Bool?
    @Option(
        name: .customLong("frontchannel-logout-uri"),
        help: """
            The address that the browser loads when a session ends, on the host and port of a \
            redirect URI. An empty one: none.
            """)
    var frontChannelLogoutURI: String?
    @Flag(
        name: .customLong("frontchannel-logout-session-required"), inversion: .prefixedNo,
        help: "Whether the client needs iss and sid there; it gets both in any case.")
    var frontChannelLogoutSessionRequired: Bool?
    @Option(
        name: .customLong("initiate-login-uri"),
        help: """
            The https address at which the client begins a sign-in, offered after signing out. An \
            empty one: none.
            """)
    var initiateLoginURI: String?

    var arguments: [(String, JSONValue?)] {
        [
            ("backchannel_logout_uri", backChannelLogoutURI.map { .string($0) }),
            (
                "backchannel_logout_session_required",
                backChannelLogoutSessionRequired.map { .bool($0) }
            ),
            ("frontchannel_logout_uri", frontChannelLogoutURI.map { .string($0) }),
            (
                "frontchannel_logout_session_required",
                frontChannelLogoutSessionRequired.map { .bool($0) }
            ),
            ("initiate_login_uri", initiateLoginURI.map { .string($0) }),
        ]
    }
}

import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol

/// What a command changes of how a client hears of logouts, and of where it begins a sign-in.
struct LogoutChange: Sendable {
    private let backChannel: Setting<OutboundAddress>?
    private let backChannelNeedsSession: Bool?
    private let frontChannel: Setting<FrontChannelLogoutURI>?
    private let frontChannelNeedsSession: Bool?
    private let initiateLoginURI: Setting<InitiateLoginURI>?

    /// What an address becomes; an empty one is none.
    private enum Setting<Value: Sendable>: Sendable {
        case none
        case address(Value)

        var value: Value? {
            if case .address(let value) = self { value } else { nil }
        }
    }

    init(_ operation: Operation) throws(OperationError) {
        backChannel = try operation.value(
            "backchannel_logout_uri",
            "--backchannel-logout-uri must be an https address without a fragment."
        ) { Self.setting($0, OutboundAddress.init(parsing:)) }
        backChannelNeedsSession = operation.arguments["backchannel_logout_session_required"]?.bool
        frontChannel = try Self.frontChannel(operation)
        frontChannelNeedsSession = operation.arguments["frontchannel_logout_session_required"]?.bool
        initiateLoginURI = try operation.value(
            "initiate_login_uri",
            "--initiate-login-uri must be an https address without a fragment and without iss."
        ) { Self.setting($0, InitiateLoginURI.init(registering:)) }
    }

    func apply(to client: inout Client) {
        if let backChannel { client.policies.logout.backChannel = backChannel.value }
        if let backChannelNeedsSession {
            client.policies.logout.backChannelNeedsSession = backChannelNeedsSession
        }
        if let frontChannel { client.policies.logout.frontChannel = frontChannel.value }
        if let frontChannelNeedsSession {
            client.policies.logout.frontChannelNeedsSession = frontChannelNeedsSession
        }
        if let initiateLoginURI { client.policies.initiateLoginURI = initiateLoginURI.value }
    }

    private static func setting<Value>(
        _ text: String, _ parse: (String) -> Value?
    ) -> Setting<Value>? {
        text.isEmpty ? Setting.none : parse(text).map(Setting.address)
    }

    private static func frontChannel(
        _ operation: Operation
    ) throws(OperationError) -> Setting<FrontChannelLogoutURI>? {
        guard let text = operation.text("frontchannel_logout_uri") else { return nil }
        guard !text.isEmpty else { return Setting.none }
        do throws(FrontChannelLogoutURI.Refusal) {
            return .address(try FrontChannelLogoutURI(registering: text))
        } catch {
            throw OperationError(.wrongUse, "“\(text)” cannot be registered: \(error.rawValue).")
        }
    }
}

import GatehouseEncoding
package import GatehouseProtocol
import GatehouseSQL

/// How a client wants to hear that a session is over in which it was given an ID token.
package struct ClientLogout: Sendable, Hashable {
    /// Where a logout token is posted (`backchannel_logout_uri`).
    package var backChannel: OutboundAddress?
    /// True if the client cannot do without a `sid` (`backchannel_logout_session_required`).
    ///
    /// It gets one in any case.
    package var backChannelNeedsSession = false
    /// What the browser loads in a frame (`frontchannel_logout_uri`).
    package var frontChannel: FrontChannelLogoutURI?
    /// True if the client cannot do without `iss` and `sid` (`frontchannel_logout_session_required`).
    ///
    /// It gets both in any case.
    package var frontChannelNeedsSession = false

    package init() {}

    /// What is stored: an object with the names of client metadata; nil if there is nothing to say.
    var stored: JSONValue? {
        guard backChannel != nil || frontChannel != nil else { return nil }
        return .object(metadata)
    }

    /// The same with the names of client metadata, without what is not said.
    var metadata: JSONObject {
        var json = JSONObject()
        if let backChannel {
            json.add("backchannel_logout_uri", .string(backChannel.text))
            json.add("backchannel_logout_session_required", .bool(backChannelNeedsSession))
        }
        if let frontChannel {
            json.add("frontchannel_logout_uri", .string(frontChannel.text))
            json.add("frontchannel_logout_session_required", .bool(frontChannelNeedsSession))
        }
        return json
    }

    init(stored json: JSONObject?) throws {
        guard let json else { return }
        backChannel = json["backchannel_logout_uri"]?.string.flatMap(OutboundAddress.init)
        backChannelNeedsSession = json["backchannel_logout_session_required"]?.bool ?? false
        frontChannel = try json["frontchannel_logout_uri"]?.string
            .map(FrontChannelLogoutURI.init(registering:))
        frontChannelNeedsSession = json["frontchannel_logout_session_required"]?.bool ?? false
    }
}

extension Client {
    /// Refuses a client whose addresses for logouts fit neither its redirect URIs nor this
    /// installation, which is reached at an address of ours.
    package func requireFittingLogout(servedAt own: String) throws(ClientRefusal) {
        if let uri = policies.logout.frontChannel, !redirectURIs.contains(where: uri.isBeside) {
            throw .frontChannelElsewhere
        }
        if let address = policies.logout.backChannel, address.isOnServer(of: own) {
            throw .backChannelHere
        }
    }
}

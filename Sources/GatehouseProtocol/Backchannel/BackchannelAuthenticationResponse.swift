private import GatehouseEncoding

/// A successful answer to a backchannel authentication request (OpenID Connect CIBA Core §7.3).
public struct BackchannelAuthenticationResponse: Sendable {
    /// What the client polls with.
    public let authReqID: String
    /// Seconds until that is over.
    public let expiresIn: Int64
    /// Seconds that the client waits between two polls.
    public let interval: Int64

    /// Makes a response of its parts.
    public init(authReqID: String, expiresIn: Int64, interval: Int64) {
        self.authReqID = authReqID
        self.expiresIn = expiresIn
        self.interval = interval
    }

    /// The response as JSON.
    package func serialized() -> [UInt8] {
        JSONWriter.object { json in
            json.add("auth_req_id", authReqID)
            json.add("expires_in", expiresIn)
            json.add("interval", interval)
        }
    }
}

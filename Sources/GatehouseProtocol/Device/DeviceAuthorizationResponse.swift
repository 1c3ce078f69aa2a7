private import GatehouseEncoding

/// A successful device authorization response (RFC 8628 §3.2).
public struct DeviceAuthorizationResponse: Sendable {
    /// What the device polls with.
    public let deviceCode: String
    /// What the person types.
    public let userCode: UserCode
    /// Where the person types it.
    public let verificationURI: String
    /// Seconds until both codes expire.
    public let expiresIn: Int64
    /// Seconds that the device waits between two polls.
    public let interval: Int64

    /// Makes a response of its parts.
    public init(
        deviceCode: String, userCode: UserCode, issuer: Issuer, expiresIn: Int64, interval: Int64
    ) {
        self.deviceCode = deviceCode
        self.userCode = userCode
        verificationURI = issuer.url(Endpoint.deviceVerification.path)
        self.expiresIn = expiresIn
        self.interval = interval
    }

    /// The same address with the code in it, for a picture that a phone reads.
    public var verificationURIComplete: String {
        "\(verificationURI)?user_code=\(userCode.shown)"
    }

    /// The response as JSON.
    package func serialized() -> [UInt8] {
        JSONWriter.object { json in
            json.add("device_code", deviceCode)
            json.add("user_code", userCode.shown)
            json.add("verification_uri", verificationURI)
            json.add("verification_uri_complete", verificationURIComplete)
            json.add("expires_in", expiresIn)
            json.add("interval", interval)
        }
    }
}

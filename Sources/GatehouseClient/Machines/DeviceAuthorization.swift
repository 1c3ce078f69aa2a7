private import GatehouseEncoding

/// What a device without a browser shows, so that somebody lets it in elsewhere (RFC 8628 §3.2).
public struct DeviceAuthorization: Sendable, Equatable {
    /// What the person types.
    public let userCode: String
    /// Where they type it.
    public let verificationURI: String
    /// The same address with the code in it, for a QR code.
    public let verificationURIComplete: String?
    /// When the code stops working, in seconds since 1970.
    public let expiresAt: Int64
    let deviceCode: String
    /// How many seconds to wait before each question.
    let interval: Int64
    let scopes: [String]
}

extension DeviceAuthorization: CustomStringConvertible, CustomReflectable {
    /// The code that the person types, and not the one that the device asks with.
    public var description: String { userCode }
    /// A mirror that shows the same.
    public var customMirror: Mirror { Mirror(self, children: ["userCode": userCode]) }
}

extension IdentityProvider {
    /// Asks to be let in as a device (RFC 8628 §3.1).
    ///
    /// - Throws: ``ClientError``.
    public func authorizeDevice(
        scopes: [String] = ["openid", "profile", "email"]
    ) async throws -> DeviceAuthorization {
        guard scopes.contains("openid") else {
            throw ClientError.configuration(
                "Ask for the scope openid: without it nobody says who came.")
        }
        let now = clock.time
        let answer: JSONObject?
        do {
            answer = try await endpoints.post(
                [("scope", scopes.joined(separator: " "))]
                    + configuration.resources.map { ("resource", $0) },
                to: metadata.address(of: .deviceAuthorization), provesKey: false)
        } catch let refusal as OAuthRefusal {
            throw ClientError(refusal)
        }
        guard let answer, let deviceCode = answer["device_code"]?.string,
            let userCode = answer["user_code"]?.string,
            let address = answer["verification_uri"]?.string, ProviderAddress(address) != nil,
            let lifetime = answer["expires_in"]?.integer, (1...1 << 32).contains(lifetime)
        else { throw ClientError.untrustworthy(.answer) }
        return DeviceAuthorization(
            userCode: userCode, verificationURI: address,
            verificationURIComplete: answer["verification_uri_complete"]?.string,
            expiresAt: now + lifetime, deviceCode: deviceCode,
            interval: min(max(answer["interval"]?.integer ?? 5, 1), 60), scopes: scopes)
    }

    /// Waits until somebody let the device in, or did not (RFC 8628 §3.4–5).
    ///
    /// Cancel the task to give up.
    ///
    /// - Throws: ``ClientError``; ``ClientError/deviceCodeExpired`` if nobody decided in time.
    public func agent(waitingFor device: DeviceAuthorization) async throws -> Agent {
        var interval = device.interval
        while clock.time < device.expiresAt {
            try await clock.sleep(seconds: interval)
            do {
                let answer = try await tokens([
                    ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
                    ("device_code", device.deviceCode),
                ])
                return try await agent(
                    of: answer, scopes: device.scopes, nonce: .kept(nil), maxAge: nil,
                    organization: nil)
            } catch ClientError.oauth(let refusal) {
                switch refusal.code {
                case "authorization_pending": continue
                case "slow_down": interval += 5
                case "expired_token": throw ClientError.deviceCodeExpired
                default: throw ClientError.oauth(refusal)
                }
            } catch ClientError.unreachable {
                // The next question may be answered (RFC 8628 §3.5).
                interval = min(interval * 2, 60)
            }
        }
        throw ClientError.deviceCodeExpired
    }
}

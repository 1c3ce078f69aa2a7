package import GatehouseProtocol
package import GatehouseSQL

/// The `device_code` grant type (RFC 8628 §3.4): a device asks until a person has decided, and gets
/// its tokens once.
package struct DeviceCodeGrant: Sendable {
    private let decisions: RedeemDecision<DeviceAuthorization>

    package init(
        database: any Database, issuer: TokenIssuer, failures: FailureLimits,
        usage: UsageRecorder
    ) {
        decisions = RedeemDecision(
            database: database, issuer: issuer, failures: failures, usage: usage)
    }

    package func redeem(
        _ request: DeviceCodeRequest, by client: Client, of tenant: Tenant,
        through address: Issuer, on occasion: Occasion
    ) async throws -> TokenResponse {
        try client.requireGrantType(.deviceCode)
        let poll = RedeemDecision<DeviceAuthorization>.Poll(
            text: request.deviceCode, resources: request.resources, proof: request.proof,
            client: client, tenant: tenant, address: address, occasion: occasion)
        let found = try await decisions.find(poll)
        if let problem = CodeChallenge.problem(
            of: request.codeVerifier, with: found.matter.codeChallenge)
        {
            // It has 256 bits, so a wrong one spends nothing: it only counts.
            try await decisions.count(poll)
            throw problem
        }
        return try await decisions.redeem(found, poll)
    }
}

extension DeviceAuthorization {
    package static let secretPurpose = Secret.Purpose.deviceCode
    package static let pollWords = PollWords(
        unusable: OAuthError(.invalidGrant, "The device code is unknown, spent or revoked."),
        expired: OAuthError(.expiredToken, "The device code has expired."),
        slowDown: OAuthError(
            .slowDown, "The device asks too often: wait 5 seconds longer each time."),
        redeemed: .deviceAuthorizationRedeemed, refused: .deviceAuthorizationRefused)
}

package import GatehouseProtocol
package import GatehouseSQL

/// The `ciba` grant type (OpenID Connect CIBA Core §10.1): a client asks until a person has decided
/// elsewhere, and gets its tokens once.
package struct CIBAGrant: Sendable {
    private let decisions: RedeemDecision<BackchannelAuthentication>

    package init(
        database: any Database, issuer: TokenIssuer, failures: FailureLimits,
        usage: UsageRecorder
    ) {
        decisions = RedeemDecision(
            database: database, issuer: issuer, failures: failures, usage: usage)
    }

    package func redeem(
        _ request: CIBARequest, by client: Client, of tenant: Tenant,
        through address: Issuer, on occasion: Occasion
    ) async throws -> TokenResponse {
        try client.requireGrantType(.ciba)
        let poll = RedeemDecision<BackchannelAuthentication>.Poll(
            text: request.authReqID, resources: request.resources, proof: request.proof,
            client: client, tenant: tenant, address: address, occasion: occasion)
        return try await decisions.redeem(try await decisions.find(poll), poll)
    }
}

extension BackchannelAuthentication {
    package static let secretPurpose = Secret.Purpose.authenticationRequest
    package static let pollWords = PollWords(
        unusable: OAuthError(.invalidGrant, "The auth_req_id is unknown, spent or revoked."),
        expired: OAuthError(.expiredToken, "The auth_req_id has expired."),
        slowDown: OAuthError(
            .slowDown, "The client asks too often: wait 5 seconds longer each time."),
        redeemed: .backchannelRedeemed, refused: .backchannelRefused)
}

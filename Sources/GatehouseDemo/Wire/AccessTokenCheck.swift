import GatehouseEncoding
import GatehouseJOSE
import GatehouseProtocol

/// How the protected API decides whether it believes an access token (RFC 9068 §4).
struct AccessTokenCheck: Sendable {
    let issuer: String
    let audience: String
    let provider: Provider

    /// The claims of a token that is good here and now.
    func claims(of text: String, at now: Int64) async throws -> JWTClaims {
        let claims: JWTClaims
        do {
            let token = try UnverifiedJWS(parsing: text)
            claims = try await provider.claims(of: token, type: .accessToken, at: now)
            try claims.checkTimes(now: now, tolerance: RelyingParty.clockTolerance)
            guard try claims.string("iss")?.isExactly(issuer) ?? false,
                try claims.isMeant(for: audience), try claims.string("sub") != nil
            else { throw OAuthError(.invalidToken, "The access token is not for this API.") }
        } catch JOSEError.expired {
            throw OAuthError(.invalidToken, "The access token expired.")
        } catch is JOSEError {
            throw OAuthError(.invalidToken, "The access token is not valid.")
        }
        return claims
    }
}

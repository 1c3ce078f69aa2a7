import GatehouseClient
import GatehouseWeb
import GatehouseEncoding
import GatehouseJOSE

/// What is different after a refresh, in words.
struct TokenChanges: Sendable {
    let before: Agent
    let after: Agent

    /// The changes, the access token's first.
    var all: [SignedInView.Change] { accessToken + idToken + [refreshToken] }

    private var accessToken: [SignedInView.Change] {
        let ids = (Self.id(of: before.tokens.accessToken), Self.id(of: after.tokens.accessToken))
        return [
            SignedInView.Change(
                what: "Access token, jti",
                before: ids.0 ?? TokenReading.masked(before.tokens.accessToken),
                after: ids.1 ?? TokenReading.masked(after.tokens.accessToken)),
            SignedInView.Change(
                what: "Access token, exp",
                before: CalendarTime(seconds: before.tokens.expiresAt).clock,
                after: CalendarTime(seconds: after.tokens.expiresAt).clock),
        ]
    }

    private var idToken: [SignedInView.Change] {
        guard !after.tokens.idToken.isExactly(before.tokens.idToken) else { return [] }
        let issued = [before, after].map { $0.profile.claims.number("iat") }
        guard let first = issued[0], let second = issued[1] else { return [] }
        return [
            SignedInView.Change(
                what: "ID token, iat", before: CalendarTime(seconds: first).clock,
                after: CalendarTime(seconds: second).clock)
        ]
    }

    private var refreshToken: SignedInView.Change {
        let tokens = (before.tokens.refreshToken ?? "", after.tokens.refreshToken ?? "")
        return SignedInView.Change(
            what: "Refresh token", before: TokenReading.masked(tokens.0),
            after: tokens.0.isExactly(tokens.1)
                ? "the same, not rotated" : TokenReading.masked(tokens.1))
    }

    /// The id of a token that can be read.
    private static func id(of token: String) -> String? {
        do throws(JOSEError) {
            let jws = try UnverifiedJWS(parsing: token)
            return try JWTClaims(parsing: jws.unverifiedPayload).string("jti")
        } catch {
            return nil
        }
    }
}

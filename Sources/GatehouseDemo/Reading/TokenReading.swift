import GatehouseClient
import GatehouseEncoding
import GatehouseJOSE
import GatehouseWeb

/// The tokens as the page shows them: taken apart, with secrets hidden.
struct TokenReading: Sendable {
    let agent: Agent
    let now: Int64

    /// What to call the person.
    var person: String {
        let profile = agent.profile
        let names = [profile.name, profile.preferredUsername, profile.email].compactMap(\.self)
        return names.first { !$0.isEmpty } ?? agent.subject
    }

    /// The tokens for the page.
    var shown: SignedInView.Tokens {
        SignedInView.Tokens(
            id: Self.decoded(agent.tokens.idToken)
                ?? DecodedToken(encoded: agent.tokens.idToken, header: [], claims: []),
            access: Self.decoded(agent.tokens.accessToken).map { .signed($0) }
                ?? .opaque(masked: Self.masked(agent.tokens.accessToken)),
            maskedRefresh: agent.tokens.refreshToken.map(Self.masked), accessExpires: expiry)
    }

    /// A secret with all but its ends hidden.
    static func masked(_ secret: String) -> String {
        guard secret.utf8.count >= 32 else { return "…" }
        return "\(secret.prefix(6))…\(secret.suffix(4))"
    }

    private var expiry: String {
        let rest = agent.tokens.expiresAt - now
        let clock = CalendarTime(seconds: agent.tokens.expiresAt).clock
        guard rest > 0 else { return "until \(clock), which is over: refresh the tokens" }
        return "for \(Wait.words(Int(rest))), until \(clock)"
    }

    /// The parts of a token, without asking whether they are true; nil if it is none.
    private static func decoded(_ token: String) -> DecodedToken? {
        do throws(JOSEError) {
            let jws = try UnverifiedJWS(parsing: token)
            let claims = try JWTClaims(parsing: jws.unverifiedPayload)
            return DecodedToken(
                encoded: token, header: members(of: jws.unverifiedHeader),
                claims: members(of: claims.object))
        } catch {
            return nil
        }
    }

    private static func members(of object: JSONObject) -> [DecodedToken.Claim] {
        object.members.map { member in
            let text =
                member.value.string ?? String(decoding: member.value.serialized(), as: UTF8.self)
            return DecodedToken.Claim(
                name: member.name, value: text,
                reading: isTime(member.name)
                    ? member.value.integer.map { CalendarTime(seconds: $0).words } : nil)
        }
    }

    private static func isTime(_ name: String) -> Bool {
        ["exp", "iat", "nbf", "auth_time", "updated_at"].contains { $0.isExactly(name) }
    }
}

import GatehouseEncoding
import GatehouseJOSE
import GatehouseProtocol

/// A signed authorization request as it was presented (RFC 9101): read, and still to be believed.
///
/// The two JWTs that a client signs cannot pass for one another: an assertion has the client as its
/// subject, and a request object must not; and each refuses the other's `typ`.
struct PresentedRequestObject: Sendable {
    private let jws: UnverifiedJWS

    init(_ text: String) throws(JOSEError) {
        jws = try UnverifiedJWS(parsing: text)
    }

    /// What it says, if one of these keys signed it as a request, or as a JWT of no other kind.
    func verified(
        by keys: JSONWebKeySet, algorithms: [Algorithm]
    ) throws(JOSEError) -> JWTClaims {
        try JWTClaims(
            parsing: jws.verified(
                by: keys, algorithms: algorithms, types: [.jwt, .authorizationRequest]))
    }
}

/// Whether what a client signed is a request to this server, and now (RFC 9101 §4, §6.3).
///
/// Who signed it, for whom and until when may go unsaid, unless the client's profile asks for that;
/// what is said has to be right.
struct RequestObjectCheck {
    let client: Client
    let issuer: Issuer
    let now: Timestamp

    /// How much the clocks may differ, in seconds.
    private static let tolerance: Int64 = 10
    /// How long one may last, and how long ago it may have begun, where a profile asks for that
    /// (FAPI 2.0 Message Signing §5.3.1), in seconds.
    private static let longest: Int64 = 3_600

    private var isStrict: Bool { client.policies.profile.asks(for: .signedRequests) }

    /// What is wrong with the claims; nil if nothing is.
    func problem(with claims: JWTClaims) -> OAuthError? {
        do throws(JOSEError) {
            if let problem = try problemOfParties(claims) { return problem }
            return try problemOfTimes(claims)
        } catch {
            return OAuthError(
                .invalidRequestObject, "A claim of the request object is of the wrong kind.")
        }
    }

    private func problemOfParties(_ claims: JWTClaims) throws(JOSEError) -> OAuthError? {
        let id = client.id.text
        guard let named = try claims.string("client_id"), named.isExactly(id) else {
            return OAuthError(
                .invalidRequestObject, "The client_id of the request object is not the client.")
        }
        if let signer = try claims.string("iss") {
            guard signer.isExactly(id) else {
                return OAuthError(
                    .invalidRequestObject, "The iss of the request object is not the client.")
            }
        }
        if let subject = try claims.string("sub"), subject.isExactly(id) {
            return OAuthError(
                .invalidRequestObject,
                "The sub of the request object is the client, as that of an assertion is.")
        }
        let isSaid = try !claims.audiences().isEmpty
        let isMeant = try claims.isMeant(for: issuer.text)
        guard isMeant || !(isSaid || isStrict) else {
            return OAuthError(
                .invalidRequestObject, "The aud of the request object is not this issuer.")
        }
        return nil
    }

    private func problemOfTimes(_ claims: JWTClaims) throws(JOSEError) -> OAuthError? {
        let expiry = try claims.time("exp")
        let begin = try claims.time("nbf")
        let now = now.seconds
        if let expiry, expiry <= now - Self.tolerance {
            return OAuthError(.invalidRequestObject, "The request object has expired.")
        }
        for start in [begin, try claims.time("iat")].compactMap(\.self) {
            guard start <= now + Self.tolerance else {
                return OAuthError(
                    .invalidRequestObject, "The time of the request object has not begun.")
            }
        }
        guard isStrict else { return nil }
        guard let expiry, let begin else {
            return OAuthError(
                .invalidRequestObject,
                "This client's profile fapi2-message-signing asks for exp and nbf.")
        }
        guard now - Self.longest - Self.tolerance <= begin, expiry - begin <= Self.longest else {
            return OAuthError(
                .invalidRequestObject,
                "This client's profile fapi2-message-signing asks for at most an hour.")
        }
        return nil
    }
}

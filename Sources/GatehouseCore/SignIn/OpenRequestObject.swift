private import GatehouseEncoding
import GatehouseJOSE
import GatehouseProtocol

/// Opens signed authorization requests (RFC 9101 §6): what the client signed takes the place of
/// everything beside it.
struct OpenRequestObject: Sendable {
    let publishedKeys: PublishedKeys

    /// What became of a request object.
    struct Opened: Sendable {
        /// The parameters that the client signed; nil if it is not proven that it did.
        let form: FormParameters?
        /// Why they do not count.
        let problem: OAuthError?
    }

    /// Opens an object that is said to be the client's, on its way to an issuer.
    func open(
        _ text: String, of client: Client, at tenant: Tenant.ID, through issuer: Issuer,
        on occasion: Occasion
    ) async -> Opened {
        let claims: JWTClaims
        do {
            claims = try await verified(text, of: client, at: tenant, on: occasion)
        } catch {
            return Opened(form: nil, problem: Self.refusal(of: error, client.policies.profile))
        }
        let form: FormParameters
        do throws(OAuthError) {
            form = try RequestObject(claims.object).form
        } catch {
            return Opened(form: nil, problem: error)
        }
        let check = RequestObjectCheck(client: client, issuer: issuer, now: occasion.now)
        return Opened(form: form, problem: check.problem(with: claims))
    }

    private func verified(
        _ text: String, of client: Client, at tenant: Tenant.ID, on occasion: Occasion
    ) async throws(JOSEError) -> JWTClaims {
        let object = try PresentedRequestObject(text)
        guard let keys = client.keys else { throw .unknownKey }
        let algorithms = client.requestObjectAlgorithms
        return try await publishedKeys.verify(
            with: keys, of: .client(client.id), in: tenant, on: occasion
        ) { keys throws(JOSEError) in
            try object.verified(by: keys, algorithms: algorithms)
        }
    }

    private static func refusal(of error: JOSEError, _ profile: ClientProfile) -> OAuthError {
        switch error {
        case .wrongAlgorithm:
            OAuthError(
                .invalidRequestObject,
                profile.refusal(lacking: .strongAlgorithms)
                    ?? "The algorithm of the request object is not accepted.")
        case .wrongType:
            OAuthError(
                .invalidRequestObject,
                "The typ of the request object is not oauth-authz-req+jwt or JWT.")
        case .unknownKey:
            OAuthError(
                .invalidRequestObject,
                "The request object is signed with none of the client's keys.")
        case .wrongSignature:
            OAuthError(
                .invalidRequestObject, "The signature of the request object is not of the client.")
        case .unsupportedHeader:
            OAuthError(
                .invalidRequestObject,
                "The header of the request object asks for something that is not done here.")
        case .tooLarge:
            OAuthError(.invalidRequestObject, "The request object is too large.")
        default:
            OAuthError(.invalidRequestObject, "The request object is malformed.")
        }
    }
}

extension Client {
    /// The algorithms that its request objects may be signed with.
    fileprivate var requestObjectAlgorithms: [Algorithm] {
        policies.profile.algorithms.filter {
            policies.requestObjectAlgorithm == nil || policies.requestObjectAlgorithm == $0
        }
    }

    /// Refuses a request that the client did not sign where it has to.
    func require(signed: Bool) throws(OAuthError) {
        guard signed || !policies.requiresSignedRequests else {
            throw OAuthError(
                .invalidRequest,
                policies.profile.refusal(lacking: .signedRequests)
                    ?? "The client has to sign its requests (RFC 9101).")
        }
    }
}

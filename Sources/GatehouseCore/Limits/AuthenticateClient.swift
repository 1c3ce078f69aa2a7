package import GatehouseProtocol

/// Finds out which client a request is from, and limits how often that may fail.
package struct AuthenticateClient: Sendable {
    let authenticator: ClientAuthenticator
    let failures: FailureLimits

    /// The client, if it proved who it is.
    ///
    /// - Throws: ``OAuthError``, or ``LimitExceeded`` if it failed too often.
    package func authenticate(
        _ authentication: ClientAuthentication, showing certificate: ClientCertificate? = nil,
        of tenant: Tenant, through issuer: Issuer, on occasion: Occasion
    ) async throws -> Client {
        do {
            return try await authenticator.authenticate(
                authentication, showing: certificate, of: tenant, through: issuer, on: occasion)
        } catch let error as OAuthError where error.code == .invalidClient {
            try await failures.count(
                .authentication(of: authentication.clientID), of: tenant.id, on: occasion)
            throw error
        }
    }
}

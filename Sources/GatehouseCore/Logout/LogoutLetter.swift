private import GatehouseJOSE
private import GatehouseProtocol

extension TellClients {
    /// The token that tells a client that a session is over (OpenID Connect Back-Channel Logout §2.4).
    ///
    /// It is made when it is sent: each attempt has another one.
    func logoutLetter(
        _ delivery: Delivery, of session: Session.ID, to client: Client, at now: Timestamp
    ) async throws -> Letter {
        guard let address = client.policies.logout.backChannel else {
            throw DeliveryFailure.unregistered
        }
        let token = try await token(for: delivery, of: session, to: client, at: now)
        return Letter(
            address: address,
            content: OutboundContent(
                FormParameters([(ParameterName.logoutToken.text.description, token)])),
            refusals: [400])
    }

    private func token(
        for delivery: Delivery, of session: Session.ID, to client: Client, at now: Timestamp
    ) async throws -> String {
        let algorithm = client.policies.idTokenAlgorithm
        let subject = try await registry.subject(
            of: delivery.userID, for: client, in: delivery.tenantID, at: now)
        let claims = LogoutTokenClaims(
            issuer: Issuer(stored: delivery.issuer), subject: subject,
            audience: client.id.text, issuedAt: now.seconds, tokenID: LogoutToken.ID(at: now).text,
            sessionID: session.text)
        let keys = try await registry.keys(
            of: delivery.tenantID, signingWith: algorithm, at: now)
        return try keys.signer(algorithm, for: .logoutToken, at: now).sign(claims.serialized())
    }
}

/// Names the ids of logout tokens, which are not recorded.
enum LogoutToken: Identified {
    typealias ID = Identifier<LogoutToken>
    static let identifierPrefix = "lo"
}

package import GatehouseProtocol
package import GatehouseSQL

/// Revokes a token at the wish of the client that has it (RFC 7009).
///
/// A refresh token takes its grant with it; an access token goes alone. A token that is unknown, or
/// another client's, changes nothing, and the client is not told which.
package struct RevokeToken: Sendable {
    let database: any Database
    let accessTokens: AccessTokenVerifier

    package init(database: any Database, accessTokens: AccessTokenVerifier) {
        self.database = database
        self.accessTokens = accessTokens
    }

    package func revoke(
        _ request: RevocationRequest, by client: Client, of tenant: Tenant, on occasion: Occasion
    ) async throws {
        if let presented = Secret(request.token, for: .refreshToken) {
            try await revokeGrant(of: presented, by: client, of: tenant, on: occasion)
            return
        }
        let claims: VerifiedAccessToken
        do {
            claims = try await accessTokens.verify(request.token, of: tenant, at: occasion.now)
        } catch is OAuthError {
            return
        }
        guard claims.clientID == client.id else { return }
        let opaque = Secret(request.token, for: .accessToken)
        try await database.write { transaction in
            let records = transaction.records(of: tenant.id)
            let isFirst =
                if let opaque {
                    try records.opaqueAccessTokens.remove(opaque.digest)
                } else {
                    try records.revokedAccessTokens.insert(
                        claims.tokenID, until: claims.expiresAt)
                }
            guard isFirst else { return }
            try records.events.append(
                Event(.tokenRevoked, by: .client(client.id), of: claims.tokenID), on: occasion)
        }
    }

    private func revokeGrant(
        of presented: Secret, by client: Client, of tenant: Tenant, on occasion: Occasion
    ) async throws {
        try await database.write { transaction in
            let records = transaction.records(of: tenant.id)
            guard let token = try records.refreshTokens.find(presented.digest),
                let grant = try records.grants.find(token.grantID), grant.clientID == client.id,
                try records.grants.revoke(grant.id, at: occasion.now)
            else { return }
            try records.events.append(
                Event(.grantRevoked, by: .client(client.id), of: grant.id.text), on: occasion)
        }
    }
}

import GatehouseProtocol
package import GatehouseSQL

/// Ends a visit with an authorization code: the grant, the code and the event, in one transaction.
package struct FinishSignIn: Sendable {
    let database: any Database

    package init(database: any Database) {
        self.database = database
    }

    /// The address of the answer to the client.
    ///
    /// A visit may be finished again by the browser that it is bound to, as a double click does;
    /// that is no more than asking the client's question again.
    package func finish(
        _ visit: Visit, in session: Session, on occasion: Occasion
    ) async throws -> String {
        let request = visit.interaction.request
        let target = visit.interaction.target
        let code = Secret(for: .authorizationCode)
        let grant = Grant(
            to: visit.client, scope: request.scope, in: session,
            issuer: target.issuer, at: occasion.now)
        let payload = AuthorizationCode(
            redirectURI: target.redirectURI,
            codeChallenge: request.codeChallenge, nonce: request.nonce)
        let secret = OneTimeSecret(
            code, client: visit.client.id, user: session.userID, grant: grant.id,
            payload: payload.stored, lifetime: AuthorizationCode.lifetime, at: occasion.now)
        let isAlive = try await database.writeUnlessGone { transaction -> Bool in
            let records = transaction.records(of: visit.tenant.id)
            var standing = Standing(tenant: visit.tenant)
            let client = try records.clients.find(visit.client.id)
            standing.client = .involved(client)
            standing.user = .involved(try records.users.find(session.userID))
            do {
                try mayAct(standing, at: occasion.now)
            } catch {
                return false
            }
            // What was withdrawn while the person was on the page is withdrawn.
            guard let client, request.scope.isSubset(of: client.scope),
                client.redirectURI(covering: target.redirectURI.text) != nil,
                try records.sessions.touch(session.id, at: occasion.now)
            else { return false }
            try records.interactions.finish(visit.interaction.id, at: occasion.now)
            try records.grants.insert(grant)
            try records.oneTimeSecrets.insert(secret)
            try records.events.append(
                Event(
                    .grantCreated, by: .user(session.userID), of: grant.id.text,
                    detail: [("client", visit.client.id.text)]),
                on: occasion)
            return true
        }
        guard isAlive ?? false else {
            return target.url(
                error: OAuthError(.accessDenied, "The sign-in cannot be completed."))
        }
        return target.url(code: code.revealed)
    }
}

import GatehouseProtocol
package import GatehouseSQL

/// Ends a visit with an authorization code: the grant, the code and the event, in one transaction.
package struct FinishSignIn: Sendable {
    let database: any Database
    let registry: Registry

    package init(database: any Database, registry: Registry) {
        self.database = database
        self.registry = registry
    }

    /// The address of the answer to the client, or of the page on which a device is let in.
    ///
    /// A visit may be finished again by the browser that it is bound to, as a double click does;
    /// that is no more than asking the client's question again.
    ///
    /// - Throws: ``SignIn/Lost`` if the client has given up the address meanwhile: then there is
    ///   none to answer at.
    package func finish(
        _ visit: Visit, in session: Session, on occasion: Occasion
    ) async throws -> String {
        let request = visit.interaction.request
        let target = visit.interaction.target
        // No client waits for a code: being signed in, the person goes on to decide.
        if visit.interaction.device != nil {
            return "\(target.redirectURI.text)/\(visit.interaction.id.text)"
        }
        let resources = try await registry.resources(of: visit.tenant.id, at: occasion.now)
        let audience: [String]
        do {
            audience = try resources.audience(request.resources, by: visit.client)
        } catch {
            // Allowed when the person came, and no more.
            return target.url(error: error)
        }
        let code = Secret(for: .authorizationCode)
        let grant = Grant(
            to: visit.client, scope: request.scope, in: session, issuer: target.issuer,
            audience: audience,
            accessTokenLifetime: resources.longestLifetime(of: audience, for: visit.client),
            at: occasion.now)
        let payload = AuthorizationCode(
            redirectURI: target.redirectURI, codeChallenge: request.codeChallenge,
            nonce: request.nonce, dpopKey: request.dpopKey)
        let secret = OneTimeSecret(
            code, client: visit.client.id, user: session.userID, grant: grant.id,
            payload: payload.stored, lifetime: AuthorizationCode.lifetime, at: occasion.now)
        let ending = Ending(
            visit: visit, session: session, grant: grant, code: secret, occasion: occasion)
        let outcome = try await database.writeUnlessGone { transaction in
            try ending.commit(in: transaction.records(of: visit.tenant.id))
        }
        switch outcome {
        case .issued: return target.url(code: code.revealed)
        case .withdrawn: throw SignIn.Lost.lost
        case .refused, nil:
            return target.url(
                error: OAuthError(.accessDenied, "The sign-in cannot be completed."))
        }
    }
}

/// The transaction's part of ending a visit.
private struct Ending: Sendable {
    let visit: Visit
    let session: Session
    let grant: Grant
    let code: OneTimeSecret
    let occasion: Occasion

    enum Outcome: Sendable { case issued, refused, withdrawn }

    /// Records grant and code, if everyone is still alive and the client is still registered for
    /// what it asked: what was withdrawn while the person was on the page is withdrawn.
    func commit(in records: TenantRecords) throws -> Outcome {
        let client = try records.clients.find(visit.client.id)
        var standing = Standing(tenant: visit.tenant)
        standing.client = .involved(client)
        standing.user = .involved(try records.users.find(session.userID))
        do {
            try mayAct(standing, at: occasion.now)
        } catch {
            return .refused
        }
        let target = visit.interaction.target.redirectURI.text
        guard let client, client.redirectURI(covering: target) != nil else { return .withdrawn }
        guard grant.scope.isSubset(of: client.scope),
            try records.sessions.touch(session.id, at: occasion.now).changedOne()
        else { return .refused }
        try records.interactions.finish(visit.interaction.id, at: occasion.now)
        try records.grants.insert(grant)
        try records.oneTimeSecrets.insert(code)
        try records.events.append(
            Event(
                .grantCreated, by: .user(session.userID), of: grant.id.text,
                detail: [("client", visit.client.id.text)]),
            on: occasion)
        return .issued
    }
}

private import GatehouseEncoding
package import GatehouseProtocol
package import GatehouseSQL

/// Takes what a client asks of a person who is elsewhere (OpenID Connect CIBA Core §7.1).
///
/// Nobody is told of it but by the page on which the person answers, and one client may not ask one
/// person often: whoever is asked again and again may allow what they did not want.
package struct BeginBackchannelAuthentication: Sendable {
    let database: any Database
    let registry: Registry
    let instanceKey: InstanceKey
    let failures: FailureLimits

    package init(
        database: any Database, registry: Registry, instanceKey: InstanceKey,
        failures: FailureLimits
    ) {
        self.database = database
        self.registry = registry
        self.instanceKey = instanceKey
        self.failures = failures
    }

    private static let unknown = OAuthError(
        .unknownUserID, "The hint means nobody who could be asked.")

    private enum Outcome: Sendable {
        case begun
        case limited(LimitExceeded)
    }

    /// What the client polls with.
    ///
    /// - Throws: ``OAuthError``, or ``LimitExceeded`` if the person was asked too often.
    package func begin(
        _ request: BackchannelAuthenticationRequest, by client: Client, of tenant: Tenant,
        through issuer: Issuer, on occasion: Occasion
    ) async throws -> BackchannelAuthenticationResponse {
        try client.requireGrantType(.ciba)
        guard request.scope.isSubset(of: client.scope) else {
            throw OAuthError(.invalidScope, "The scope exceeds what the client may ask for.")
        }
        let token = try request.notificationToken(for: client)
        guard
            let user = try await user(request.hint, by: client, of: tenant, issuer, occasion.now)
        else {
            try await failures.count(.grant(by: client), of: tenant.id, on: occasion)
            throw Self.unknown
        }
        let secret = Secret(for: .authenticationRequest)
        let authentication = try BackchannelAuthentication(
            request, of: user.id, by: client.id, through: issuer, at: occasion.now
        ) { id in
            try token.map {
                try BackchannelNotification(of: secret, by: $0)
                    .sealed(for: id, in: tenant.id, with: instanceKey)
            }
        }
        let keys = AttemptKeys(instanceKey: instanceKey, tenant: tenant.id)
        let beginning = Beginning(
            authentication: authentication, secret: secret,
            attempt: Attempt(
                [keys.counter(.backchannelUser, client.id.text, user.id.text)],
                by: .client(client.id), of: user.id.text),
            occasion: occasion)
        let outcome = try await database.writeUnlessGone { transaction in
            try beginning.commit(in: transaction.records(of: tenant.id))
        }
        switch outcome {
        case .begun:
            return BackchannelAuthenticationResponse(
                authReqID: secret.revealed,
                expiresIn: authentication.expiresAt.seconds - occasion.now.seconds,
                interval: BackchannelAuthentication.interval.seconds)
        case .limited(let exceeded): throw exceeded
        case nil: throw Self.unknown
        }
    }

    /// Whom the hint means, if they may act.
    private func user(
        _ hint: BackchannelAuthenticationRequest.Hint, by client: Client, of tenant: Tenant,
        _ issuer: Issuer, _ now: Timestamp
    ) async throws -> User? {
        let user: User?
        switch hint {
        case .login(let text):
            user = try await database.read { transaction -> User? in
                let users = transaction.records(of: tenant.id).users
                if let id = User.ID(parsing: text) { return try users.find(id) }
                return try SignInName(parsing: text).flatMap(users.find)
            }
        case .idToken(let text):
            guard let token = try await registry.idTokenHint(text, in: tenant.id, at: now),
                token.client == client.id, token.issuer.isExactly(issuer.text),
                let id = try await registry.user(hintedBy: token, in: tenant.id, at: now)
            else { return nil }
            user = try await database.read { try $0.records(of: tenant.id).users.find(id) }
        }
        var standing = Standing(tenant: tenant)
        standing.user = .involved(user)
        return standing.mayAct(at: now) ? user : nil
    }

    /// The transaction's part of it.
    private struct Beginning: Sendable {
        let authentication: BackchannelAuthentication
        let secret: Secret
        let attempt: Attempt
        let occasion: Occasion

        func commit(in records: TenantRecords) throws -> Outcome {
            if case .exceeded(let exceeded) = try attempt.count(in: records, on: occasion) {
                return .limited(exceeded)
            }
            try records.backchannelAuthentications.insert(authentication)
            try records.oneTimeSecrets.insert(
                OneTimeSecret(
                    secret, client: authentication.clientID, payload: authentication.payload,
                    lifetime: .seconds(
                        authentication.expiresAt.seconds - occasion.now.seconds),
                    at: occasion.now))
            try records.events.append(
                Event(
                    .backchannelBegun, by: .client(authentication.clientID),
                    of: authentication.id.text,
                    detail: [("user", authentication.userID.text)]),
                on: occasion)
            return .begun
        }
    }
}

extension BackchannelAuthenticationRequest {
    /// What a client is told of the answer with, if it wants to be told (OpenID Connect CIBA Core
    /// §7.1).
    fileprivate func notificationToken(
        for client: Client
    ) throws(OAuthError) -> ClientNotificationToken? {
        guard client.policies.tokenDelivery.mode == .ping else { return nil }
        guard let notificationToken else {
            throw OAuthError(
                .invalidRequest, "The client_notification_token is missing, for the mode ping.")
        }
        return notificationToken
    }
}

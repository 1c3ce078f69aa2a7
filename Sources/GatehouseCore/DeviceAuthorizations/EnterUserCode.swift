private import GatehouseEncoding
package import GatehouseProtocol
package import GatehouseSQL

/// Takes the code that a person typed, and begins the interaction in which they decide
/// (RFC 8628 §3.3).
///
/// A code is short enough to be guessed, so every attempt is counted before its code is looked up,
/// and taken back if it was right. A person who is signed in counts apart: strangers in the same
/// network cannot use up what they have. A wrong code, one that has expired and one that was
/// decided on are the same.
package struct EnterUserCode: Sendable {
    let database: any Database
    let instanceKey: InstanceKey

    package init(database: any Database, instanceKey: InstanceKey) {
        self.database = database
        self.instanceKey = instanceKey
    }

    /// What a code led to.
    package enum Outcome: Sendable {
        /// Somebody may decide, in this interaction.
        case found(Interaction.ID)
        case unknown
        /// Codes were tried too often, and this one was not looked at.
        case limited(LimitExceeded)
    }

    /// What the form must carry to prove that it was shown to this browser (ASVS 3.5.1).
    package static func formToken(for browser: Secret) -> String {
        browser.authenticationCode(for: form)
    }

    package static func isValid(formToken: String, from browser: Secret) -> Bool {
        browser.isValid(formToken, for: form)
    }

    private static let form = "device"

    /// Looks for what the code stands for.
    package func enter(
        _ typed: String, at tenant: Tenant, through issuer: Issuer, from browser: Browser,
        on occasion: Occasion
    ) async throws -> Outcome {
        guard let secret = browser.secret else { return .unknown }
        let entering = Entering(
            digest: UserCode(parsing: typed)
                .map { instanceKey.digest(of: $0, in: tenant.id) },
            keys: AttemptKeys(instanceKey: instanceKey, tenant: tenant.id), tenant: tenant,
            issuer: issuer, browser: secret, session: browser.session, occasion: occasion)
        let page = try issuer.deviceVerification
        let outcome = try await database.writeUnlessGone { transaction in
            try entering.commit(in: transaction.records(of: tenant.id), answeredAt: page)
        }
        return outcome ?? .unknown
    }

    /// The transaction's part of it.
    private struct Entering: Sendable {
        /// What the code is stored by; nil if it is no code at all.
        let digest: [UInt8]?
        let keys: AttemptKeys
        let tenant: Tenant
        let issuer: Issuer
        let browser: Secret
        let session: Secret?
        let occasion: Occasion

        func commit(
            in records: TenantRecords, answeredAt page: AuthorizationResponseTarget
        ) throws -> Outcome {
            let user = try records.liveSession(session, in: tenant, at: occasion.now)?.user.id
            let counted: CountedAttempt
            switch try attempt(by: user).count(in: records, on: occasion) {
            case .counted(let attempt): counted = attempt
            case .exceeded(let exceeded): return .limited(exceeded)
            }
            guard let found = try find(in: records) else {
                try records.events.append(
                    Event(
                        .deviceAuthorizationRefused, by: user.map { .user($0) } ?? .anonymous,
                        detail: [("reason", "user_code")]),
                    on: occasion)
                return .unknown
            }
            try counted.giveBack(in: records)
            let interaction = try Interaction(
                deciding: found, answeredAt: page, in: browser, at: occasion.now)
            try records.interactions.insert(interaction)
            return .found(interaction.id)
        }

        private func find(in records: TenantRecords) throws -> DeviceAuthorization? {
            guard let digest,
                let found = try records.deviceAuthorizations.find(
                    userCode: digest, pendingAt: occasion.now),
                try records.mayBeAllowed(found, at: tenant, through: issuer, on: occasion)
            else { return nil }
            return found
        }

        private func attempt(by user: User.ID?) -> Attempt {
            guard let user else {
                let network = Network(of: occasion.address).text
                return Attempt([keys.counter(.userCodeNetwork, network)], by: .anonymous)
            }
            return Attempt(
                [keys.counter(.userCodeUser, user.text)], by: .user(user), of: user.text)
        }
    }
}

extension TenantRecords {
    /// True if the client that began it is still alive, and may still get what it asked for.
    func mayBeAllowed(
        _ authorization: DeviceAuthorization, at tenant: Tenant, through issuer: Issuer,
        on occasion: Occasion
    ) throws -> Bool {
        let client = try clients.find(authorization.clientID)
        var standing = Standing(tenant: tenant)
        standing.client = .involved(client)
        guard standing.mayAct(at: occasion.now) else { return false }
        guard let client, client.grantTypes.contains(.deviceCode) else { return false }
        return authorization.issuer.isExactly(issuer.text)
            && authorization.scope.isSubset(of: client.scope)
    }
}

extension Issuer {
    /// The page of ours that a browser comes back to once somebody is signed in.
    fileprivate var deviceVerification: AuthorizationResponseTarget {
        get throws {
            AuthorizationResponseTarget(
                redirectURI: try RedirectURI(
                    registering: url(Endpoint.deviceVerification.path)),
                mode: .query, state: nil, issuer: self)
        }
    }
}

extension Interaction {
    /// The interaction in which a person decides on what a device asked for.
    ///
    /// Whoever is signed in already is asked which account to go on with.
    fileprivate init(
        deciding authorization: DeviceAuthorization, answeredAt page: AuthorizationResponseTarget,
        in browser: Secret, at now: Timestamp
    ) throws {
        var parameters = [("response_type", "code"), ("prompt", "select_account")]
        if !authorization.scope.isEmpty { parameters.append(("scope", authorization.scope.text)) }
        self.init(
            try AuthorizationRequest(FormParameters(parameters)), pushed: nil, expecting: nil,
            of: authorization.clientID, answering: page, in: browser, at: now,
            for: authorization.id)
    }
}

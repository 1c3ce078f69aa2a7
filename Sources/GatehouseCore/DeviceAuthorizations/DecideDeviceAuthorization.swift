import GatehouseProtocol
package import GatehouseSQL

/// Lets a device in, or keeps it out, as the person says who is signed in (RFC 8628 §3.3).
package struct DecideDeviceAuthorization: Sendable {
    let database: any Database

    package init(database: any Database) {
        self.database = database
    }

    /// What the person said.
    package enum Answer: Sendable {
        case allow
        case deny
    }

    /// What a person decides on; nil if it is over and gone, or the interaction is about none.
    package func authorization(of visit: Visit) async throws -> DeviceAuthorization? {
        guard let id = visit.interaction.device else { return nil }
        return try await database.read {
            try $0.records(of: visit.tenant.id).deviceAuthorizations.find(id)
        }
    }

    /// Records the answer of whoever is signed in.
    ///
    /// Nothing happens if somebody else has decided meanwhile, if its time is over, or if one of
    /// those involved is not alive any more; the page that follows tells what is so.
    package func decide(
        _ answer: Answer, _ authorization: DeviceAuthorization, _ progress: SignIn.Progress,
        on occasion: Occasion
    ) async throws {
        guard progress.step == .finish, let current = progress.current else { return }
        let visit = progress.visit
        let grant = Grant(
            to: visit.client, scope: authorization.scope, in: current.session,
            issuer: visit.interaction.target.issuer, redeemableUntil: authorization.expiresAt,
            at: occasion.now)
        let deciding = Deciding(
            visit: visit, session: current.session, authorization: authorization,
            grant: answer == .allow ? grant : nil, occasion: occasion)
        _ = try await database.writeUnlessGone { transaction in
            try deciding.commit(in: transaction.records(of: visit.tenant.id))
        }
    }

    /// The transaction's part of it.
    private struct Deciding: Sendable {
        let visit: Visit
        let session: Session
        let authorization: DeviceAuthorization
        /// What is granted; nil if it is denied.
        let grant: Grant?
        let occasion: Occasion

        func commit(in records: TenantRecords) throws {
            guard try everyoneIsAlive(in: records) else {
                try append(.deviceAuthorizationRefused, to: records)
                try records.interactions.finish(visit.interaction.id, at: occasion.now)
                return
            }
            let isFirst = try records.deviceAuthorizations.decide(
                authorization.id, grant: grant?.id, at: occasion.now)
            guard isFirst else { return }
            try records.interactions.finish(visit.interaction.id, at: occasion.now)
            guard let grant else {
                try append(.deviceAuthorizationDenied, to: records)
                return
            }
            let consent = try records.consent(for: grant, to: visit.client, at: occasion.now)
            try records.grants.insert(grant.standing(on: consent))
            try records.events.append(
                Event(
                    .grantCreated, by: .user(session.userID), of: grant.id.text,
                    detail: [("client", visit.client.id.text)]),
                on: occasion)
            try append(.deviceAuthorizationAllowed, to: records)
        }

        /// Asks of everyone anew: what ended while the person was on the page has ended.
        private func everyoneIsAlive(in records: TenantRecords) throws -> Bool {
            var standing = Standing(tenant: visit.tenant)
            standing.user = .involved(try records.users.find(session.userID))
            guard standing.mayAct(at: occasion.now) else { return false }
            return try records.mayBeAllowed(
                authorization, at: visit.tenant, through: visit.interaction.target.issuer,
                on: occasion)
                && records.sessions.touch(session.id, at: occasion.now).changedOne()
        }

        private func append(_ kind: Event.Kind, to records: TenantRecords) throws {
            var detail: [(name: StaticString, value: String)] = [("client", visit.client.id.text)]
            if kind == .deviceAuthorizationAllowed, let grant {
                detail.append(("grant", grant.id.text))
            }
            try records.events.append(
                Event(
                    kind, by: .user(session.userID), of: authorization.id.text, detail: detail),
                on: occasion)
        }
    }
}

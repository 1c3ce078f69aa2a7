import GatehouseProtocol
import GatehouseSQL

/// The transaction's part of an answer, whoever gives it.
struct BackchannelDecision: Sendable {
    let answer: DecideBackchannelAuthentication.Answer
    let authentication: BackchannelAuthentication
    let session: Session
    let tenant: Tenant
    let actor: Event.Actor
    /// The app by which the person answers; nil if by a page.
    var app: Client.ID?
    let occasion: Occasion

    func commit(in records: TenantRecords) throws -> Bool {
        guard let client = try records.asking(authentication, at: tenant, on: occasion),
            try isAlive(in: records)
        else { return false }
        let grant = Grant(
            to: client, scope: authentication.scope, in: session,
            issuer: Issuer(stored: authentication.issuer),
            redeemableUntil: authentication.expiresAt, at: occasion.now)
        let isFirst = try records.backchannelAuthentications.decide(
            authentication.id, grant: answer == .allow ? grant.id : nil, at: occasion.now)
        guard isFirst else { return false }
        if client.policies.tokenDelivery.mode == .ping, authentication.notification != nil {
            try records.deliveries.insert(
                Delivery(of: authentication, in: tenant.id, on: occasion))
        }
        guard answer == .allow else {
            try append(.backchannelDenied, of: authentication.id.text, [], to: records)
            return true
        }
        let consent = try records.consent(for: grant, to: client, at: occasion.now)
        try records.grants.insert(grant.standing(on: consent))
        try append(
            .grantCreated, of: grant.id.text, [("client", client.id.text)], to: records)
        try append(
            .backchannelAllowed, of: authentication.id.text,
            [("client", client.id.text), ("grant", grant.id.text)], to: records)
        return true
    }

    /// Asks of the person anew: what ended meanwhile has ended.
    private func isAlive(in records: TenantRecords) throws -> Bool {
        var standing = Standing(tenant: tenant)
        standing.user = .involved(try records.users.find(authentication.userID))
        guard standing.mayAct(at: occasion.now) else { return false }
        return try records.sessions.touch(session.id, at: occasion.now).changedOne()
    }

    private func append(
        _ kind: Event.Kind, of subject: String,
        _ detail: [(name: StaticString, value: String)], to records: TenantRecords
    ) throws {
        var detail = detail
        if let app { detail.append(("through", app.text)) }
        try records.events.append(
            Event(kind, by: actor, of: subject, detail: detail), on: occasion)
    }
}

extension TenantRecords {
    /// The client that asks, if it is alive and may still get what it asked for.
    func asking(
        _ authentication: BackchannelAuthentication, at tenant: Tenant, on occasion: Occasion
    ) throws -> Client? {
        let client = try clients.find(authentication.clientID)
        var standing = Standing(tenant: tenant)
        standing.client = .involved(client)
        guard standing.mayAct(at: occasion.now) else { return nil }
        guard let client, client.grantTypes.contains(.ciba),
            authentication.scope.isSubset(of: client.scope)
        else { return nil }
        return client
    }

    /// What a person may still answer, oldest first.
    func questions(
        to user: User.ID, at tenant: Tenant, on occasion: Occasion
    ) throws -> [DecideBackchannelAuthentication.Question] {
        try backchannelAuthentications.pending(of: user, at: occasion.now).compactMap { found in
            try asking(found, at: tenant, on: occasion).map {
                DecideBackchannelAuthentication.Question(authentication: found, client: $0)
            }
        }
    }
}

import GatehouseProtocol
import GatehouseSQL

/// The transaction's part of ending a visit.
struct Ending: Sendable {
    let visit: Visit
    let session: Session
    /// What the client asked for; it is given no more than was allowed of it.
    let grant: Grant
    /// The same, part by part.
    let parts: [ConsentPart]
    /// What the person said, if they were asked.
    let decision: ConsentDecision?
    /// What they were asked; nil if they had said it before.
    let question: ConsentQuestion?
    let code: OneTimeSecret
    let occasion: Occasion

    enum Outcome: Sendable { case issued, refused, withdrawn, spent }

    /// Records grant and code, if everyone is still alive and the client is still registered for
    /// what it asked: what was withdrawn while the person was on the page is withdrawn.
    func commit(in records: TenantRecords) throws -> Outcome {
        let client = try records.clients.find(visit.client.id)
        var standing = Standing(tenant: visit.tenant)
        standing.client = .involved(client)
        standing.user = .involved(try records.users.find(session.userID))
        guard standing.mayAct(at: occasion.now) else { return .refused }
        let target = visit.interaction.target.redirectURI.text
        guard let client, client.redirectURI(covering: target) != nil else { return .withdrawn }
        guard try claimPushedRequest(in: records) else { return .spent }
        guard grant.scope.isSubset(of: client.scope),
            try records.sessions.touch(session.id, at: occasion.now).changedOne(),
            let allowed = try allowance(to: client, in: records)
        else { return .refused }
        try records.interactions.finish(visit.interaction.id, at: occasion.now)
        try records.grants.insert(
            grant.narrowed(to: allowed.scope, for: client).standing(on: allowed.consent))
        try records.oneTimeSecrets.insert(code)
        try records.events.append(
            Event(
                .grantCreated, by: .user(session.userID), of: grant.id.text,
                detail: [("client", visit.client.id.text)]),
            on: occasion)
        return .issued
    }

    /// Claims the pushed request, where there is one, for this visit.
    ///
    /// Pages may be loaded again until somebody ends a visit: one does, however many began (FAPI
    /// 2.0 §5.3.2.2). The visit that did may end again, as a double click makes it.
    private func claimPushedRequest(in records: TenantRecords) throws -> Bool {
        guard let pushed = visit.interaction.pushed else { return true }
        let claimed = try records.oneTimeSecrets.claim(
            .pushedRequest, foundAs: pushed, at: occasion.now)
        if try claimed.changedOne() { return true }
        return try records.interactions.find(visit.interaction.id)?.finishedAt != nil
    }

    /// What the client gets of what it asked for, and the consent that this stands on, if it needs
    /// one.
    private typealias Allowance = (scope: Scope, consent: Consent.ID?)

    /// What the client gets; nil if the person has not allowed it.
    ///
    /// The first answer counts; what it allows is remembered once. Where nobody was asked, all of it
    /// must have been allowed before, and not be taken back meanwhile.
    private func allowance(to client: Client, in records: TenantRecords) throws -> Allowance? {
        guard let decision, let allowed = decision.allowed else {
            return try allowedBefore(to: client, in: records)
        }
        guard try records.interactions.decide(visit.interaction.id, decision) else {
            return try allowedFirst(to: client, in: records)
        }
        let consent = try records.consents.findOrMake(
            of: session.userID, to: client.id, in: grant.organizationID, at: occasion.now)
        try records.consents.remember(
            question?.parts ?? [], allowing: allowed, in: consent, at: occasion.now)
        try records.events.append(
            Event(
                .consentGiven, by: .user(session.userID), of: client.id.text,
                detail: [("scope", allowed.text), ("grant", grant.id.text)]),
            on: occasion)
        return (allowed, consent.id)
    }

    /// What the first of several answers allowed, as long as that is not taken back.
    private func allowedFirst(to client: Client, in records: TenantRecords) throws -> Allowance? {
        guard let first = try records.interactions.find(visit.interaction.id)?.decision,
            first.userID == session.userID, let allowed = first.allowed,
            let consent = try heldConsent(to: client, in: records)
        else { return nil }
        return (allowed, consent.id)
    }

    private func allowedBefore(to client: Client, in records: TenantRecords) throws -> Allowance? {
        let request = visit.interaction.request
        guard client.mayAskConsent(by: request) else { return (grant.scope, nil) }
        let consent = try heldConsent(to: client, in: records)
        let question = ConsentQuestion(
            request, of: client, answeredAt: visit.interaction.target.redirectURI, parts: parts,
            remembered: consent)
        return question == nil ? (grant.scope, consent?.id) : nil
    }

    private func heldConsent(to client: Client, in records: TenantRecords) throws -> Consent? {
        try records.consents.hold(
            of: session.userID, to: client.id, in: grant.organizationID)
        return try records.consents.find(
            of: session.userID, to: client.id, in: grant.organizationID)
    }
}

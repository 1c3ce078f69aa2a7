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
            let allowed = try allowedScope(by: client, in: records)
        else { return .refused }
        try records.interactions.finish(visit.interaction.id, at: occasion.now)
        try records.grants.insert(grant.narrowed(to: allowed, for: client))
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

    /// What the client gets of what it asked for; nil if the person has not allowed it.
    ///
    /// The first answer counts; what it allows is remembered once. Where nobody was asked, all of it
    /// must have been allowed before, and not be taken back meanwhile.
    private func allowedScope(
        by client: Client, in records: TenantRecords
    ) throws -> Scope? {
        guard let decision, let allowed = decision.allowed else {
            return try isAllowedBefore(by: client, in: records) ? grant.scope : nil
        }
        guard try records.interactions.decide(visit.interaction.id, decision) else {
            let first = try records.interactions.find(visit.interaction.id)?.decision
            return first?.userID == session.userID ? first?.allowed : nil
        }
        for part in question?.parts ?? [] {
            try records.consents.remember(
                part, allowing: allowed, of: session.userID, to: client.id, at: occasion.now)
        }
        try records.events.append(
            Event(
                .consentGiven, by: .user(session.userID), of: client.id.text,
                detail: [("scope", allowed.text), ("grant", grant.id.text)]),
            on: occasion)
        return allowed
    }

    private func isAllowedBefore(by client: Client, in records: TenantRecords) throws -> Bool {
        let request = visit.interaction.request
        guard client.mayAskConsent(by: request) else { return true }
        try records.consents.hold(of: session.userID, to: client.id)
        let question = ConsentQuestion(
            request, of: client, answeredAt: visit.interaction.target.redirectURI, parts: parts,
            remembered: try records.consents.all(of: session.userID, to: client.id))
        return question == nil
    }
}

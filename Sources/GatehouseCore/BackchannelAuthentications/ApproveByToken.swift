private import GatehouseEncoding
package import GatehouseProtocol
package import GatehouseSQL

/// Shows an app of a person what clients ask of them from elsewhere, and takes the answers that they
/// give there: the authentication device of OpenID Connect CIBA Core §2.
///
/// The token is for this issuer and has a scope of its own, and the session in which it was given
/// goes on: whoever signed out everywhere approves nothing. An app does not answer what it asked
/// itself, nor for a person for whom somebody else uses the token.
package struct ApproveByToken: Sendable {
    let database: any Database
    let accessTokens: AccessTokenVerifier

    package init(database: any Database, accessTokens: AccessTokenVerifier) {
        self.database = database
        self.accessTokens = accessTokens
    }

    private static let elsewhere = OAuthError(
        .invalidToken, "The access token is not for this issuer.")
    private static let lacking = OAuthError(
        .insufficientScope, "The access token lacks the scope approvals.")

    /// What came of an answer.
    package enum Outcome: Sendable, Equatable {
        case decided
        /// Somebody was faster.
        case decidedBefore
        /// There is no such question, or it is somebody else's, or over.
        case unknown
    }

    private enum Commit: Sendable {
        case outcome(Outcome)
        case replayed
        case revoked
    }

    /// The person and the app that a token lets in.
    ///
    /// - Throws: ``OAuthError``
    package func admit(
        _ presented: PresentedToken, _ presentation: ProofPresentation, of tenant: Tenant,
        through issuer: Issuer, at now: Timestamp
    ) async throws -> Admission {
        let admission = try await AdmitByToken(
            accessTokens: accessTokens, scope: Scope.approvals, lacking: Self.lacking
        ).admit(presented, presentation, of: tenant, through: issuer, at: now)
        guard admission.token.audience.contains(where: { $0.isExactly(issuer.text) }) else {
            throw Self.elsewhere
        }
        guard admission.token.actors == nil, admission.session?.isLive(at: now) ?? false else {
            throw AccessTokenVerifier.invalid
        }
        return admission
    }

    /// What the person is asked, oldest first.
    package func questions(
        to admission: Admission, on occasion: Occasion
    ) async throws -> [DecideBackchannelAuthentication.Question] {
        try await admission.spendProof(in: database)
        return try await database.read { transaction in
            try transaction.records(of: admission.tenant.id)
                .questions(to: admission.user.id, at: admission.tenant, on: occasion)
                .filter { admission.mayAnswer($0.authentication) }
        }
    }

    /// Records what the person answers.
    package func decide(
        _ reply: DecideBackchannelAuthentication.Reply, by admission: Admission,
        on occasion: Occasion
    ) async throws -> Outcome {
        let commit = try await database.writeUnlessGone { transaction in
            try Self.commit(
                reply, by: admission, in: transaction.records(of: admission.tenant.id),
                on: occasion)
        }
        switch commit {
        case .outcome(let outcome): return outcome
        case .replayed: throw CheckDPoPProof.replayed
        case .revoked: throw AccessTokenVerifier.invalid
        case nil: return .unknown
        }
    }

    private static func commit(
        _ reply: DecideBackchannelAuthentication.Reply, by admission: Admission,
        in records: TenantRecords, on occasion: Occasion
    ) throws -> Commit {
        // First: a request that only repeats another's proof is none, and changes nothing.
        if let proof = admission.proof, try !records.dpopProofs.use(proof) { return .replayed }
        guard let found = try records.backchannelAuthentications.find(reply.id),
            admission.mayAnswer(found), occasion.now < found.expiresAt
        else { return .outcome(.unknown) }
        guard found.decidedAt == nil else { return .outcome(.decidedBefore) }
        // What was revoked meanwhile is revoked.
        let touched = try records.grants.touchByToken(admission.grant.id, at: occasion.now)
        guard try touched.changedOne(), let session = admission.session else { return .revoked }
        let decision = BackchannelDecision(
            answer: reply.answer, authentication: found, session: session,
            tenant: admission.tenant, actor: .user(admission.user.id),
            app: admission.client.id, occasion: occasion)
        if try decision.commit(in: records) { return .outcome(.decided) }
        let isDecided = try records.backchannelAuthentications.find(reply.id)?.decidedAt != nil
        return .outcome(isDecided ? .decidedBefore : .unknown)
    }
}

extension Admission {
    /// True for what is asked of this very person, through this very address, by another client.
    fileprivate func mayAnswer(_ authentication: BackchannelAuthentication) -> Bool {
        authentication.userID == user.id && authentication.issuer.isExactly(issuer.text)
            && authentication.clientID != client.id
    }
}

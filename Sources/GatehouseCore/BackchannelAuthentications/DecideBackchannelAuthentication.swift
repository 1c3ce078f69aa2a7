private import GatehouseEncoding
package import GatehouseProtocol
package import GatehouseSQL

/// Shows a person what clients ask of them from elsewhere, and takes their answers (OpenID Connect
/// CIBA Core §8).
package struct DecideBackchannelAuthentication: Sendable {
    let database: any Database

    package init(database: any Database) {
        self.database = database
    }

    /// What the person said.
    package enum Answer: Sendable {
        case allow
        case deny
    }

    /// An answer, and to which question.
    package struct Reply: Sendable {
        let answer: Answer
        let id: BackchannelAuthentication.ID

        package init(_ answer: Answer, to id: BackchannelAuthentication.ID) {
            self.answer = answer
            self.id = id
        }
    }

    /// Something that a person is asked, and by whom.
    package struct Question: Sendable {
        package let authentication: BackchannelAuthentication
        package let client: Client

        /// The APIs that access tokens would be for; none if for the client itself.
        package var resources: [String] {
            let audience = client.defaultAudience
            return audience.isExactly(client.id.text) ? [] : [audience]
        }
    }

    /// What whoever is signed in with a browser is asked; nil if nobody is.
    package func questions(
        from browser: Browser, at tenant: Tenant, through issuer: Issuer, on occasion: Occasion
    ) async throws -> (current: LiveSession, questions: [Question])? {
        try await database.read { transaction in
            let records = transaction.records(of: tenant.id)
            guard
                let current = try records.liveSession(
                    browser.session, in: tenant, at: occasion.now)
            else { return nil }
            let questions = try records.questions(
                to: current.user.id, at: tenant, on: occasion
            ).filter { $0.authentication.issuer.isExactly(issuer.text) }
            return (current, questions)
        }
    }

    /// What a person is asked, for an operator who looks.
    package func questions(
        to user: User.ID, at tenant: Tenant, on occasion: Occasion
    ) async throws -> [Question] {
        try await database.read {
            try $0.records(of: tenant.id).questions(to: user, at: tenant, on: occasion)
        }
    }

    /// Records the answer of whoever is signed in with a browser.
    ///
    /// False if nothing happened: the question is somebody else's, was answered or is over, or one
    /// of those involved is not alive any more.
    package func decide(
        _ reply: Reply, from browser: Browser, at tenant: Tenant, through issuer: Issuer,
        on occasion: Occasion
    ) async throws -> Bool {
        let decided = try await database.writeUnlessGone { transaction -> Bool in
            let records = transaction.records(of: tenant.id)
            guard
                let current = try records.liveSession(
                    browser.session, in: tenant, at: occasion.now),
                let found = try records.backchannelAuthentications.find(reply.id),
                found.userID == current.user.id, found.issuer.isExactly(issuer.text)
            else { return false }
            let deciding = BackchannelDecision(
                answer: reply.answer, authentication: found, session: current.session,
                tenant: tenant,
                actor: .user(current.user.id), occasion: occasion)
            return try deciding.commit(in: records)
        }
        return decided ?? false
    }

    /// Records an answer that an operator gives for a person, in the session in which the person was
    /// seen last: what the tokens say of how they signed in is true.
    ///
    /// False if nothing happened; nobody can be let in who is signed in nowhere.
    package func decide(
        _ reply: Reply, at tenant: Tenant, on occasion: Occasion
    ) async throws -> Bool {
        let decided = try await database.writeUnlessGone { transaction -> Bool in
            let records = transaction.records(of: tenant.id)
            guard let found = try records.backchannelAuthentications.find(reply.id),
                let session = try records.sessions.findLatest(of: found.userID, at: occasion.now),
                session.isLive(at: occasion.now), try records.isLetIn(session)
            else { return false }
            let deciding = BackchannelDecision(
                answer: reply.answer, authentication: found, session: session, tenant: tenant,
                actor: occasion.operator, occasion: occasion)
            return try deciding.commit(in: records)
        }
        return decided ?? false
    }
}

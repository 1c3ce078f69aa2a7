import GatehouseProtocol
package import GatehouseSQL

/// Takes a person through the hosted pages of one interaction: finds it again, takes one answer at
/// a time, and ends it.
package struct SignIn: Sendable {
    let database: any Database
    let hasher: PasswordHasher

    package init(database: any Database, hasher: PasswordHasher) {
        self.database = database
        self.hasher = hasher
    }

    /// Where a visit stands.
    package struct Progress: Sendable {
        package let visit: Visit
        package let step: SignInStep
        /// Who is signed in in this browser.
        package let current: LiveSession?
    }

    /// Why an interaction cannot go on: unknown, over, or another browser's.
    ///
    /// The person is told the same in each case.
    package enum Lost: Error, Sendable { case lost }

    /// What an answer of the person led to.
    package enum Outcome: Sendable {
        /// The next page is to be shown.
        case proceed
        /// The client gets its answer at this address; the browser gets this session, if it is new.
        case answered(String, session: Secret?)
        /// Name and password do not match, or may not be used.
        case refused
        /// The account could not be made: the name is taken.
        case taken
        /// The tenant makes no accounts for strangers.
        case registrationClosed
    }

    /// Finds an interaction and what comes next in it, for the browser that began it.
    package func resume(
        _ id: Interaction.ID, at tenant: Tenant, from browser: Browser, on occasion: Occasion
    ) async throws -> Progress {
        guard let secret = browser.secret else { throw Lost.lost }
        let now = occasion.now
        let found = try await database.read { transaction -> (Visit, LiveSession?)? in
            let records = transaction.records(of: tenant.id)
            guard let interaction = try records.interactions.find(id), now < interaction.expiresAt,
                interaction.browserDigest == secret.digest
            else { return nil }
            let client = try records.clients.find(interaction.clientID)
            var standing = Standing(tenant: tenant)
            standing.client = .involved(client)
            do {
                try mayAct(standing, at: now)
            } catch {
                return nil
            }
            guard let client else { return nil }
            let visit = Visit(
                tenant: tenant, client: client, interaction: interaction, browser: secret)
            return (visit, try records.liveSession(browser.session, in: tenant, at: now))
        }
        guard let (visit, current) = found else { throw Lost.lost }
        let step = nextStep(of: visit, session: current?.session)
        return Progress(visit: visit, step: step, current: current)
    }

    /// Ends a visit in which nothing is left to ask.
    package func finish(_ progress: Progress, on occasion: Occasion) async throws -> Outcome {
        guard progress.step == .finish, let current = progress.current else { return .proceed }
        let finish = FinishSignIn(database: database)
        return .answered(
            try await finish.finish(progress.visit, in: current.session, on: occasion),
            session: nil)
    }

    /// Goes on with the account that is signed in already.
    package func continueAsCurrent(
        _ progress: Progress, on occasion: Occasion
    ) async throws -> Outcome {
        guard progress.step == .chooseAccount, let current = progress.current else {
            return try await finish(progress, on: occasion)
        }
        let visit = progress.visit
        try await database.write {
            try $0.records(of: visit.tenant.id).interactions
                .chooseAccount(visit.interaction.id, at: occasion.now)
        }
        let finish = FinishSignIn(database: database)
        return .answered(
            try await finish.finish(visit, in: current.session, on: occasion), session: nil)
    }

    /// Signs a person in with a name and a password.
    ///
    /// Whatever is wrong, it takes as long and says the same: an unknown name costs one password
    /// check like a known one.
    package func signIn(
        name: String, password: String, _ progress: Progress, on occasion: Occasion
    ) async throws -> Outcome {
        let tenant = progress.visit.tenant
        let signInName = SignInName(parsing: name)
        let user = try await database.read { transaction in
            try signInName.flatMap { try transaction.records(of: tenant.id).users.find($0) }
        }
        guard let presented = Password(presented: password) else { return .refused }
        let fits = try await hasher.isValid(presented, for: user?.passwordHash)
        var standing = Standing(tenant: tenant)
        standing.user = .involved(user)
        do {
            guard fits else { throw Standing.Obstacle.userGone }
            try mayAct(standing, at: occasion.now)
        } catch {
            try await database.write {
                try $0.records(of: tenant.id).events.append(
                    Event(.signInFailed, by: .anonymous, of: user?.id.text), on: occasion)
            }
            return .refused
        }
        guard let user else { return .refused }
        let renewed =
            hasher.isOutdated(user.passwordHash ?? PasswordHash(stored: ""))
            ? try await hasher.hash(presented) : nil
        return try await enter(user, rehashed: renewed, progress, on: occasion)
    }

    /// Opens or renews the browser's session and goes on with the visit.
    func enter(
        _ user: User, rehashed: PasswordHash?, _ progress: Progress, on occasion: Occasion
    ) async throws -> Outcome {
        let visit = progress.visit
        let secret = Secret(for: .session)
        let opening = OpenSession(
            user: user, rehashed: rehashed, current: progress.current?.session,
            client: visit.client.id, occasion: occasion)
        let session = try await database.writeUnlessGone { transaction in
            try opening.open(secret, in: transaction.records(of: visit.tenant.id))
        }
        guard let session = session.flatMap({ $0 }) else { return .refused }
        let step = nextStep(of: visit, session: session)
        guard step == .finish else {
            return .answered(
                visit.interaction.target.url(
                    error: OAuthError(.loginRequired, "Somebody else signed in than expected.")),
                session: secret)
        }
        let finish = FinishSignIn(database: database)
        return .answered(
            try await finish.finish(visit, in: session, on: occasion), session: secret)
    }

    private func nextStep(of visit: Visit, session: Session?) -> SignInStep {
        SignInState(
            request: visit.interaction.request, requestedAt: visit.interaction.createdAt,
            session: session, expectedUser: visit.interaction.expectedUser,
            accountChosenAt: visit.interaction.accountChosenAt
        ).nextStep
    }
}

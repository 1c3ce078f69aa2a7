package import GatehouseProtocol
package import GatehouseSQL

/// Takes a person through the hosted pages of one interaction: finds it again, takes one answer at
/// a time, and ends it.
package struct SignIn: Sendable {
    let database: any Database
    let registry: Registry
    let hasher: PasswordHasher
    let instanceKey: InstanceKey

    package init(
        database: any Database, registry: Registry, hasher: PasswordHasher,
        instanceKey: InstanceKey
    ) {
        self.database = database
        self.registry = registry
        self.hasher = hasher
        self.instanceKey = instanceKey
    }

    private var finishSignIn: FinishSignIn { FinishSignIn(database: database, registry: registry) }

    /// Where a visit stands.
    package struct Progress: Sendable {
        package let visit: Visit
        package let step: SignInStep
        /// Who is signed in in this browser.
        package let current: LiveSession?
        /// What the browser is known by.
        let device: Secret?
    }

    /// Why an interaction cannot go on: unknown, over, or another browser's.
    ///
    /// The person is told the same in each case.
    package enum Lost: Error, Sendable { case lost }

    /// What an answer of the person led to.
    package enum Outcome: Sendable {
        /// The next page is to be shown.
        case proceed
        /// The client gets its answer by way of the browser, which gets these secrets if somebody
        /// signed in with it.
        case answered(AuthorizationResponse.Delivery, SignedIn?)
        /// Name and password do not match, or may not be used.
        case refused
        /// It was tried too often, and nothing was looked at.
        case limited(LimitExceeded)
        /// The account could not be made: the name is taken.
        case taken
        /// The tenant makes no accounts for strangers.
        case registrationClosed
    }

    /// What a browser gets when somebody signed in with it.
    package struct SignedIn: Sendable {
        package let session: Secret
        package let device: Secret
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
        return Progress(visit: visit, step: step, current: current, device: browser.device)
    }

    /// Ends a visit in which nothing is left to ask.
    package func finish(_ progress: Progress, on occasion: Occasion) async throws -> Outcome {
        guard progress.step == .finish, let current = progress.current else { return .proceed }
        return .answered(
            try await finishSignIn.finish(progress.visit, in: current.session, on: occasion), nil)
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
        return .answered(
            try await finishSignIn.finish(visit, in: current.session, on: occasion), nil)
    }

    /// Signs a person in with a name and a password.
    ///
    /// Whatever is wrong, it takes as long and says the same: an unknown name costs one password
    /// check like a known one. The attempt is counted before its password is looked at, so that no
    /// number of them at once gets further than one after the other.
    package func signIn(
        name: String, password: String, _ progress: Progress, on occasion: Occasion
    ) async throws -> Outcome {
        let tenant = progress.visit.tenant
        guard let presented = Password(presented: password) else { return .refused }
        try hasher.requireRoom()
        let attempt = PasswordAttempt(
            name: SignInName(parsing: name), typed: name, device: progress.device?.digest,
            keys: AttemptKeys(instanceKey: instanceKey, tenant: tenant.id), occasion: occasion)
        let begun = try await database.write {
            try attempt.begin(in: $0.records(of: tenant.id))
        }
        let user: User?
        let counted: CountedAttempt
        switch begun {
        case .admitted(let found, let attempt): (user, counted) = (found, attempt)
        case .exceeded(let exceeded): return .limited(exceeded)
        }
        let fits = try await givingBack(counted, at: tenant) {
            try await hasher.isValid(presented, for: user?.passwordHash)
        }
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
        let rehashed = await rehash(presented, of: user)
        return try await enter(user, rehashed: rehashed, counted, progress, on: occasion)
    }

    /// Does what an attempt was counted for, and takes it back if that could not be done: a server
    /// that is busy must not use up what people may try.
    func givingBack<Value>(
        _ counted: CountedAttempt, at tenant: Tenant, _ work: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await work()
        } catch {
            try await database.write { try counted.giveBack(in: $0.records(of: tenant.id)) }
            throw error
        }
    }

    /// The password hashed as it is today, if it was hashed otherwise.
    private func rehash(_ password: Password, of user: User) async -> PasswordHash? {
        guard let hash = user.passwordHash, hasher.isOutdated(hash) else { return nil }
        // Losing the error is right: where the hasher is busy, the next sign-in renews the hash.
        return try? await hasher.hash(password)
    }

    /// Opens or renews the browser's session and goes on with the visit.
    func enter(
        _ user: User, rehashed: PasswordHash?, _ counted: CountedAttempt, _ progress: Progress,
        on occasion: Occasion
    ) async throws -> Outcome {
        let visit = progress.visit
        let signedIn = SignedIn(session: Secret(for: .session), device: Secret(for: .device))
        let opening = OpenSession(
            user: user, rehashed: rehashed, current: progress.current?.session,
            client: visit.client.id, device: progress.device?.digest, attempt: counted,
            occasion: occasion)
        let session = try await database.writeUnlessGone { transaction in
            try opening.open(signedIn, in: transaction.records(of: visit.tenant.id))
        }
        guard let session = session.flatMap({ $0 }) else { return .refused }
        let step = nextStep(of: visit, session: session)
        guard step == .finish else {
            let refusal =
                step == .authenticate(.otherProof)
                ? OAuthError(.unmetAuthenticationRequirements, "The sign-in is of another acr.")
                : OAuthError(.loginRequired, "Somebody else signed in than expected.")
            return .answered(
                try await finishSignIn.deliver(
                    visit.interaction.target.response(error: refusal), of: visit, occasion),
                signedIn)
        }
        return .answered(
            try await finishSignIn.finish(visit, in: session, on: occasion), signedIn)
    }

    private func nextStep(of visit: Visit, session: Session?) -> SignInStep {
        SignInState(
            request: visit.interaction.request, requestedAt: visit.interaction.createdAt,
            session: session, expectedUser: visit.interaction.expectedUser,
            accountChosenAt: visit.interaction.accountChosenAt
        ).nextStep
    }
}

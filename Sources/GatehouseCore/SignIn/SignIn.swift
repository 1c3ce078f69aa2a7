package import GatehouseProtocol
package import GatehouseSQL

/// Takes a person through the hosted pages of one interaction: finds it again, takes one answer at
/// a time, and ends it.
package struct SignIn: Sendable {
    let database: any Database
    let registry: Registry
    let hasher: PasswordHasher
    let instanceKey: InstanceKey
    let usage: UsageRecorder

    package init(
        database: any Database, registry: Registry, hasher: PasswordHasher,
        instanceKey: InstanceKey, usage: UsageRecorder
    ) {
        self.usage = usage
        self.database = database
        self.registry = registry
        self.hasher = hasher
        self.instanceKey = instanceKey
    }

    var finishSignIn: FinishSignIn {
        FinishSignIn(database: database, registry: registry, usage: usage)
    }

    /// Where a visit stands.
    package struct Progress: Sendable {
        package let visit: Visit
        package let step: SignInStep
        /// The accounts that are signed in in this browser, the active one first.
        package let accounts: [LiveSession]
        /// The one that the visit goes on with.
        package let current: LiveSession?
        /// What the person has to be asked before the client gets anything.
        package let question: ConsentQuestion?
        /// Which organization it is for.
        package let organization: OrganizationSelection
        /// What the browser is known by.
        let device: Secret?
    }

    /// Why an interaction cannot go on: unknown, over, or another browser's.
    ///
    /// The person is told the same in each case.
    package enum Lost: Error, Sendable { case lost }

    /// What an answer of the person led to.
    package enum Outcome: Sendable {
        /// The next page is to be shown; the browser gets these secrets if they changed.
        case proceed(SignedIn?)
        /// The client gets its answer by way of the browser, which gets these secrets if they
        /// changed.
        case answered(AuthorizationResponse.Delivery, SignedIn?)
        /// Name and password do not match, or may not be used.
        case refused
        /// Name and password match; the organization of the person's address does not let them in.
        case barred
        /// It was tried too often, and nothing was looked at.
        case limited(LimitExceeded)
        /// The account could not be made: the name is taken.
        case taken
        /// The tenant makes no accounts for strangers.
        case registrationClosed
        /// An organization says who has accounts with such addresses.
        case addressIsManaged
    }

    /// What a browser gets when it changed who is signed in with it, or which account is active.
    package struct SignedIn: Sendable {
        /// The secrets of all its sessions, the active one first; none if the last one ended.
        package let sessions: [Secret]
        /// What it is known by from now on; nil if nobody proved anything.
        package let device: Secret?

        init(_ accounts: [LiveSession], device: Secret? = nil) {
            sessions = accounts.map(\.secret)
            self.device = device
        }

        /// The secret of the active session.
        package var session: Secret? { sessions.first }
    }

    /// Finds an interaction and what comes next in it, for the browser that began it.
    package func resume(
        _ id: Interaction.ID, at tenant: Tenant, from browser: Browser, on occasion: Occasion
    ) async throws -> Progress {
        guard let secret = browser.secret else { throw Lost.lost }
        let now = occasion.now
        let found = try await database.read { transaction -> (Visit, VisitRecord)? in
            let records = transaction.records(of: tenant.id)
            guard let interaction = try records.interactions.find(id), now < interaction.expiresAt,
                interaction.browserDigest == secret.digest
            else { return nil }
            let client = try records.clients.find(interaction.clientID)
            var standing = Standing(tenant: tenant)
            standing.client = .involved(client)
            guard standing.mayAct(at: now) else { return nil }
            guard let client else { return nil }
            let visit = Visit(
                tenant: tenant, client: client, interaction: interaction, browser: secret)
            let accounts = try records.liveSessions(of: browser, in: tenant, at: now)
            return (visit, try records.record(of: visit, by: accounts))
        }
        guard let (visit, record) = found else { throw Lost.lost }
        return try await progress(visit, record, device: browser.device, at: now)
    }

    /// Where a visit stands by what is known of it.
    func progress(
        _ visit: Visit, _ record: VisitRecord, device: Secret?, at now: Timestamp
    ) async throws -> Progress {
        let assessment = try await Assessment(visit, record, registry: registry, at: now)
        return Progress(
            visit: visit, step: assessment.step, accounts: record.accounts,
            current: record.selection.account, question: assessment.question,
            organization: record.organization, device: device)
    }

    /// Ends a visit in which nothing is left to ask.
    package func finish(
        _ progress: Progress, giving secrets: SignedIn? = nil, on occasion: Occasion
    ) async throws -> Outcome {
        guard progress.step == .finish, let current = progress.current else {
            return .proceed(secrets)
        }
        return .answered(
            try await finishSignIn.finish(progress.visit, in: current.session, on: occasion),
            secrets)
    }

    /// Signs a person in with a name and a password, and goes on with the visit.
    package func signIn(
        name: String, password: String, _ progress: Progress, on occasion: Occasion
    ) async throws -> Outcome {
        let proof = try await prove(
            name: name, password: password, in: progress.device?.digest,
            at: progress.visit.tenant, on: occasion)
        switch proof {
        case .refused: return .refused
        case .limited(let exceeded): return .limited(exceeded)
        case .proven(let user, let rehashed, let counted):
            return try await enter(user, rehashed: rehashed, counted, progress, on: occasion)
        }
    }

    /// What became of an attempt to prove who one is.
    enum Proof: Sendable {
        case proven(User, rehashed: PasswordHash?, CountedAttempt)
        case refused
        case limited(LimitExceeded)
    }

    /// Looks whether a password is that of whoever has a name.
    ///
    /// Whatever is wrong, it takes as long and says the same: an unknown name costs one password
    /// check like a known one. The attempt is counted before its password is looked at, so that no
    /// number of them at once gets further than one after the other.
    func prove(
        name: String, password: String, in device: SecretDigest?, at tenant: Tenant,
        on occasion: Occasion
    ) async throws -> Proof {
        guard let presented = Password(presented: password) else { return .refused }
        try hasher.requireRoom()
        let attempt = PasswordAttempt(
            name: SignInName(parsing: name), typed: name, device: device,
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
        guard fits, standing.mayAct(at: occasion.now), let user else {
            try await database.write {
                try $0.records(of: tenant.id).events.append(
                    Event(.signInFailed, by: .anonymous, of: user?.id.text), on: occasion)
            }
            return .refused
        }
        return .proven(user, rehashed: await rehash(presented, of: user), counted)
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

    /// Opens or renews the person's session in the browser and goes on with the visit.
    func enter(
        _ user: User, rehashed: PasswordHash?, _ counted: CountedAttempt, _ progress: Progress,
        on occasion: Occasion
    ) async throws -> Outcome {
        let secrets = OpenSession.Secrets(for: progress.accounts)
        let opening = OpenSession(
            user: user, rehashed: rehashed, accounts: progress.accounts,
            client: progress.visit.client.id, device: progress.device?.digest, attempt: counted,
            occasion: occasion)
        let opened = try await database.writeUnlessGone { transaction -> Entry in
            let records = transaction.records(of: progress.visit.tenant.id)
            let accounts: [LiveSession]
            switch try opening.open(secrets, in: records) {
            case .opened(let opened): accounts = opened
            case .barred: return .barred
            case .gone: return .gone
            }
            guard let session = accounts.first?.session.id else { return .gone }
            let visit = progress.visit.choosing(session, at: occasion.now)
            // Where a page follows, it has to be about whoever signed in just now.
            if visit.mayAskConsent || visit.mayNeedOrganization {
                try records.interactions.chooseAccount(
                    visit.interaction.id, session, at: occasion.now)
            }
            return .entered(visit, try records.record(of: visit, by: accounts))
        }
        switch opened {
        case .entered(let visit, let record):
            return try await goOn(visit, record, device: secrets.device, on: occasion)
        case .barred: return .barred
        case .gone, nil: return .refused
        }
    }

    /// What came of opening a session within a visit.
    private enum Entry: Sendable {
        case entered(Visit, VisitRecord)
        case gone
        case barred
    }

    /// Goes on with the visit of somebody who has just signed in.
    private func goOn(
        _ visit: Visit, _ record: VisitRecord, device: Secret, on occasion: Occasion
    ) async throws -> Outcome {
        let signedIn = SignedIn(record.accounts, device: device)
        let next = try await self.progress(visit, record, device: device, at: occasion.now)
        switch next.step {
        case .finish, .askConsent, .chooseOrganization:
            return try await finish(next, giving: signedIn, on: occasion)
        case .authenticate, .chooseAccount:
            let refusal =
                next.step == .authenticate(.otherProof)
                ? OAuthError(.unmetAuthenticationRequirements, "The sign-in is of another acr.")
                : OAuthError(.loginRequired, "Somebody else signed in than expected.")
            return .answered(
                try await finishSignIn.deliver(
                    visit.interaction.target.response(error: refusal), of: visit, occasion),
                signedIn)
        }
    }
}

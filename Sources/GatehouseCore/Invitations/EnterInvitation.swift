import GatehouseSQL

extension AnswerInvitation {
    /// What became of signing in, or of making an account, to answer an invitation.
    package enum Entry: Sendable {
        /// The browser gets these secrets, and is shown the invitation again.
        case entered(SignIn.SignedIn)
        /// Address and password do not match, or may not be used.
        case refused
        /// There is an account with this address.
        case taken
        /// It was tried too often, and nothing was looked at.
        case limited(LimitExceeded)
        /// The invitation does not wait for an answer any more.
        case over
    }

    /// Signs the person in whom the address belongs to.
    ///
    /// Whoever has the letter and the password of the account that has its address has proven that
    /// the address is theirs. Nothing less does: a session that somebody else began in this browser is
    /// no proof, and neither is the letter alone.
    package func signIn(
        password: String, _ view: View, at tenant: Tenant, on occasion: Occasion
    ) async throws -> Entry {
        guard view.isPending else { return .over }
        let proof = try await people.prove(
            name: view.invitation.email.text, password: password, in: view.device?.digest,
            at: tenant, on: occasion)
        switch proof {
        case .refused: return .refused
        case .limited(let exceeded): return .limited(exceeded)
        case .proven(let user, let rehashed, let counted):
            return try await enter(
                Proven(user: user, rehashed: rehashed, attempt: counted), view, at: tenant,
                on: occasion)
        }
    }

    /// Makes an account with the address of the invitation, and signs the person in.
    ///
    /// Strangers make accounts only where a tenant lets them; whom an operator has invited is none.
    /// The address counts as verified: the letter that was sent there brought the secret.
    package func createAccount(
        name: String, password: String, _ view: View, at tenant: Tenant, on occasion: Occasion
    ) async throws -> Entry {
        guard view.isPending else { return .over }
        let form = AccountForm(
            email: view.invitation.email.text, name: name, password: password)
        let made = try await people.makeAccount(form, at: tenant, on: occasion) { user, records in
            guard try records.isAnswerable(view.secret, at: occasion.now) else { return nil }
            var user = user
            user.emailVerifiedAt = occasion.now
            return user
        }
        switch made {
        case .limited(let exceeded): return .limited(exceeded)
        case .taken: return .taken
        case .notWanted: return .over
        case .made(let user):
            return try await enter(
                Proven(user: user, rehashed: nil, attempt: CountedAttempt()), view, at: tenant,
                on: occasion)
        }
    }

    /// Somebody who proved who they are.
    private struct Proven {
        let user: User
        let rehashed: PasswordHash?
        let attempt: CountedAttempt
    }

    private func enter(
        _ proven: Proven, _ view: View, at tenant: Tenant, on occasion: Occasion
    ) async throws -> Entry {
        let secrets = OpenSession.Secrets(for: view.accounts)
        let opening = OpenSession(
            user: proven.user, rehashed: proven.rehashed, accounts: view.accounts, client: nil,
            device: view.device?.digest, attempt: proven.attempt, isInvited: true,
            occasion: occasion)
        let opened = try await database.writeUnlessGone { transaction -> [LiveSession]? in
            let records = transaction.records(of: tenant.id)
            guard case .opened(let accounts) = try opening.open(secrets, in: records),
                let current = accounts.first?.user
            else { return nil }
            try records.verify(current, by: view, on: occasion)
            return accounts
        }
        guard let accounts = opened.flatMap({ $0 }) else { return .refused }
        return .entered(SignIn.SignedIn(accounts, device: secrets.device))
    }
}

extension TenantRecords {
    /// True if the secret brings an invitation that waits for an answer.
    fileprivate func isAnswerable(_ secret: Secret, at now: Timestamp) throws -> Bool {
        try invitations.find(secret.digest)?.state(at: now) == .pending
    }

    /// Takes the address of a user for verified, who just proved to be them and has the letter.
    ///
    /// The user is held.
    fileprivate func verify(
        _ user: User, by view: AnswerInvitation.View, on occasion: Occasion
    ) throws {
        guard user.emailVerifiedAt == nil, user.email?.key == view.invitation.email.key,
            try isAnswerable(view.secret, at: occasion.now)
        else { return }
        var verified = user
        verified.emailVerifiedAt = occasion.now
        verified.updatedAt = occasion.now
        try users.update(verified)
        try events.append(
            Event(
                .userUpdated, by: .user(user.id), of: user.id.text,
                detail: [("invitation", view.invitation.id.text)]),
            on: occasion)
    }
}

import GatehouseSQL

/// What a stranger fills in to get an account.
package struct AccountForm: Sendable {
    package let email: String
    package let name: String
    package let password: String

    package init(email: String, name: String, password: String) {
        self.email = email
        self.name = name
        self.password = password
    }

    /// What is wrong with a form, field by field.
    package struct Problems: Error, Sendable, Equatable {
        package var email: Email?
        /// True if the name is not one visible line of at most 100 characters.
        package var nameIsUnusable = false
        package var password: PasswordRefusal?

        package enum Email: Sendable {
            case missing
            case malformed
        }
    }

    /// The form as values, or all that is wrong with it at once.
    func validated(in tenant: Tenant) throws(Problems) -> (EmailAddress, DisplayName?, Password) {
        var problems = Problems()
        let address = EmailAddress(parsing: email)
        if address == nil { problems.email = email.isEmpty ? .missing : .malformed }
        let display = name.isEmpty ? nil : DisplayName(parsing: name)
        problems.nameIsUnusable = display == nil && !name.isEmpty
        var accepted: Password?
        do throws(PasswordRefusal) {
            accepted = try Password(setting: password, context: [email, name, tenant.name])
        } catch {
            problems.password = error
        }
        guard problems == Problems(), let address, let accepted else { throw problems }
        return (address, display, accepted)
    }
}

extension SignIn {
    /// Makes an account for a stranger and signs them in.
    ///
    /// Every attempt counts, also one for a name that is taken: whoever looks for names is
    /// stopped as well. Where an organization says who signs in with such addresses, strangers make
    /// no accounts with them: the address is not verified, so it lets nobody join.
    ///
    /// - Throws: ``AccountForm/Problems`` if the form cannot be accepted.
    package func createAccount(
        _ form: AccountForm, _ progress: Progress, on occasion: Occasion
    ) async throws -> Outcome {
        let tenant = progress.visit.tenant
        guard tenant.registrationIsOpen else { return .registrationClosed }
        let made = try await makeAccount(form, at: tenant, on: occasion) { user, records in
            try records.domainAdmission(of: user) == .free ? user : nil
        }
        switch made {
        case .limited(let exceeded): return .limited(exceeded)
        case .taken: return .taken
        case .notWanted: return .addressIsManaged
        case .made(let user):
            return try await enter(
                user, rehashed: nil, CountedAttempt(), progress, on: occasion)
        }
    }

    /// What became of making an account.
    enum MadeAccount: Sendable {
        case made(User)
        case taken
        /// The last look said that there is to be none.
        case notWanted
        case limited(LimitExceeded)
    }

    /// Makes an account; `complete` has the last look at it, in the transaction.
    func makeAccount(
        _ form: AccountForm, at tenant: Tenant, on occasion: Occasion,
        _ complete: @escaping @Sendable (User, TenantRecords) throws -> User?
    ) async throws -> MadeAccount {
        let (email, name, password) = try form.validated(in: tenant)
        try hasher.requireRoom()
        let keys = AttemptKeys(instanceKey: instanceKey, tenant: tenant.id)
        let attempt = Attempt(
            [keys.counter(.accountNetwork, Network(of: occasion.address).text)], by: .anonymous)
        let begun = try await database.write {
            try attempt.count(in: $0.records(of: tenant.id), on: occasion)
        }
        let counted: CountedAttempt
        switch begun {
        case .counted(let attempt): counted = attempt
        case .exceeded(let exceeded): return .limited(exceeded)
        }
        let hash = try await givingBack(counted, at: tenant) { try await hasher.hash(password) }
        let account = User(
            name: name, email: email, username: nil, passwordHash: hash, at: occasion.now)
        return try await database.write { transaction in
            let records = transaction.records(of: tenant.id)
            guard let user = try complete(account, records) else { return .notWanted }
            guard try records.users.insert(user) else { return .taken }
            try records.events.append(
                Event(.userCreated, by: .anonymous, of: user.id.text), on: occasion)
            return .made(user)
        }
    }
}

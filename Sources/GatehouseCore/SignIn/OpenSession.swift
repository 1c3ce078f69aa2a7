/// Opens a session for someone who just proved who they are.
///
/// The same person's session goes on under a new secret. So do those of other people in the same
/// browser, each under one of its own: two people never share one, and a copy of the cookie from
/// before is worth nothing.
struct OpenSession: Sendable {
    let user: User
    let rehashed: PasswordHash?
    /// The accounts that are signed in in the browser.
    let accounts: [LiveSession]
    /// The client that the person comes from, if any.
    let client: Client.ID?
    /// What the browser was known by until now.
    let device: SecretDigest?
    /// What was counted before the password was looked at.
    let attempt: CountedAttempt
    /// True if the person signs in to answer an invitation, and may do so without being a member of
    /// anything yet.
    var isInvited = false
    let occasion: Occasion

    /// What a browser is given for its accounts: new secrets, as many as there may be.
    struct Secrets: Sendable {
        let session = Secret(for: .session)
        let device = Secret(for: .device)
        fileprivate let others: [Secret]

        init(for accounts: [LiveSession]) {
            others = accounts.map { _ in Secret(for: .session) }
        }
    }

    /// What came of it.
    enum Opening: Sendable {
        /// The accounts of the browser from now on, this one first.
        case opened([LiveSession])
        /// The user was disabled or deleted meanwhile.
        case gone
        /// They are none of those whom the organization of their address lets in.
        case barred
    }

    /// Opens the session, unless something stands against it.
    func open(_ secrets: Secrets, in records: TenantRecords) throws -> Opening {
        // Held first: a password that changes, or an account that is disabled, at this very moment
        // either comes before and is seen, or comes after and ends this session too.
        guard try records.users.hold(user.id), var fresh = try records.users.find(user.id),
            fresh.disabledAt == nil, fresh.passwordHash == user.passwordHash
        else { return .gone }
        // Whoever is invited becomes what the invitation says, and nothing before they accept it.
        let admission =
            try isInvited
            ? records.domainAdmission(of: fresh) : records.admitByDomain(fresh, on: occasion)
        if case .barred(let organization, for: _) = admission, !isInvited {
            try records.events.append(
                Event(
                    .signInFailed, by: .user(user.id), of: user.id.text,
                    detail: [("organization", organization.text)]),
                on: occasion)
            return .barred
        }
        if let rehashed {
            fresh.passwordHash = rehashed
            try records.users.update(fresh)
        }
        let session =
            try renew(secrets.session, admission, in: records)
            ?? start(secrets.session, admission, in: records)
        try attempt.succeed(in: records)
        try records.knownDevices.renew(
            device, as: secrets.device.digest, of: user.id, at: occasion.now)
        var detail: [(name: StaticString, value: String)] = [("method", "pwd")]
        if let client { detail.append(("client", client.text)) }
        try records.events.append(
            Event(.signedIn, by: .user(user.id), of: session.id.text, detail: detail),
            on: occasion)
        return .opened(
            [LiveSession(session: session, user: fresh, secret: secrets.session)]
                + (try keepOthers(secrets.others, in: records)))
    }

    private func renew(
        _ secret: Secret, _ admission: DomainAdmission, in records: TenantRecords
    ) throws -> Session? {
        guard let own = accounts.first(where: { $0.user.id == user.id })?.session,
            try records.sessions.renew(
                own.id, digest: secret.digest, methods: [.password], admitted: admission,
                at: occasion.now)
        else { return nil }
        return try records.sessions.find(own.id)
    }

    private func start(
        _ secret: Secret, _ admission: DomainAdmission, in records: TenantRecords
    ) throws -> Session {
        let session = Session(
            of: user.id, by: [.password], admitted: admission, at: occasion.now)
        try records.sessions.insert(session, digest: secret.digest)
        return session
    }

    /// Gives the sessions of other people their new secrets, and ends those that are too many: the
    /// ones that were active longest ago.
    private func keepOthers(
        _ secrets: [Secret], in records: TenantRecords
    ) throws -> [LiveSession] {
        var kept: [LiveSession] = []
        for (other, secret) in zip(accounts, secrets) where other.user.id != user.id {
            guard kept.count < Browser.mostSessions - 1 else {
                _ = try records.end(other.session, on: occasion)
                continue
            }
            let isRenewed = try records.sessions.change(
                other.secret.digest, of: other.session.id, to: secret.digest)
            guard isRenewed else { continue }
            kept.append(
                LiveSession(session: other.session, user: other.user, secret: secret))
        }
        return kept
    }
}

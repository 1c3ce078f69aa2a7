/// Opens a session for someone who just proved who they are.
///
/// The same person's session goes on under a new secret. Anybody else's in the same browser ends,
/// and with it what was to last as long: two people never share one session.
struct OpenSession: Sendable {
    let user: User
    let rehashed: PasswordHash?
    let current: Session?
    let client: Client.ID
    /// What the browser was known by until now.
    let device: SecretDigest?
    /// What was counted before the password was looked at.
    let attempt: CountedAttempt
    let occasion: Occasion

    /// The session, or nil if the user was disabled or deleted meanwhile.
    func open(_ secrets: SignIn.SignedIn, in records: TenantRecords) throws -> Session? {
        // Held first: a password that changes, or an account that is disabled, at this very moment
        // either comes before and is seen, or comes after and ends this session too.
        guard try records.users.hold(user.id), var fresh = try records.users.find(user.id),
            fresh.disabledAt == nil, fresh.passwordHash == user.passwordHash
        else { return nil }
        if let rehashed {
            fresh.passwordHash = rehashed
            try records.users.update(fresh)
        }
        let secret = secrets.session
        let session = try renew(secret, in: records) ?? start(secret, in: records)
        try attempt.succeed(in: records)
        try records.knownDevices.renew(
            device, as: secrets.device.digest, of: user.id, at: occasion.now)
        try records.events.append(
            Event(
                .signedIn, by: .user(user.id), of: session.id.text,
                detail: [("method", "pwd"), ("client", client.text)]),
            on: occasion)
        return session
    }

    private func renew(_ secret: Secret, in records: TenantRecords) throws -> Session? {
        guard let current, current.userID == user.id,
            try records.sessions.renew(
                current.id, digest: secret.digest, methods: [.password], at: occasion.now)
        else { return nil }
        return try records.sessions.find(current.id)
    }

    private func start(_ secret: Secret, in records: TenantRecords) throws -> Session {
        if let current { _ = try records.end(current, on: occasion) }
        let session = Session(of: user.id, by: [.password], at: occasion.now)
        try records.sessions.insert(session, digest: secret.digest)
        return session
    }
}

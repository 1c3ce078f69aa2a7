import GatehouseSQL

/// A password that somebody presents for a sign-in name, counted before it is looked at.
///
/// In a browser that the person signed in with before, it counts for that person and browser only.
/// Anywhere else it counts for what was typed, whether such an account exists or not: so the limits
/// say nothing about who exists, and a stranger cannot use up what a known device has.
struct PasswordAttempt: Sendable {
    let name: SignInName?
    /// What was typed, where it is not even a name.
    let typed: String
    let device: SecretDigest?
    let keys: AttemptKeys
    let occasion: Occasion

    /// Whether the password may be looked at.
    enum Outcome: Sendable {
        /// It may, for this user if there is one.
        case admitted(User?, CountedAttempt)
        case exceeded(LimitExceeded)
    }

    /// Finds the user and counts the attempt, in one transaction.
    func begin(in records: TenantRecords) throws -> Outcome {
        let user = try name.flatMap { try records.users.find($0) }
        var counters = strangerCounters
        if let user, let device,
            try records.knownDevices.contains(device, of: user.id, at: occasion.now)
        {
            counters = [keys.counter(.passwordDevice, user.id.text, Self.text(of: device))]
        }
        let attempt = Attempt(counters, by: .anonymous, of: user?.id.text)
        switch try attempt.count(in: records, on: occasion) {
        case .counted(let counted): return .admitted(user, counted)
        case .exceeded(let exceeded): return .exceeded(exceeded)
        }
    }

    private var strangerCounters: [Attempt.Counter] {
        let network = Network(of: occasion.address).text
        let spelling =
            switch name {
            case .email(let email): email.key
            case .username(let username): username.key
            case nil: typed
            }
        return [
            keys.counter(.passwordNetwork, network),
            keys.counter(.passwordNameNetwork, spelling, network),
            keys.counter(.passwordName, spelling),
        ]
    }

    private static func text(of digest: SecretDigest) -> String {
        digest.bytes.map(String.init).joined(separator: ".")
    }
}

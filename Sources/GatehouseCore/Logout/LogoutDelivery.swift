import GatehouseSQL

/// One client that has to be told of one session that it is over.
///
/// It is written in the transaction that ends the session, and is gone once the client was told, or
/// will never be.
package struct LogoutDelivery: Sendable {
    package let tenantID: Tenant.ID
    package let sessionID: Session.ID
    package let clientID: Client.ID
    /// The address that the client's ID token came through.
    package let issuer: String
    package let userID: User.ID
    /// The request that ended the session.
    package let requestID: String
    package let createdAt: Timestamp
    /// When it is tried next; while somebody tries, when that claim is over.
    package let dueAt: Timestamp
    /// How often it was tried.
    package let attempts: Int64

    /// How long a claim lasts: longer than any request takes, so that nobody tries at the same time,
    /// and so short that what a dead node had claimed is tried again soon.
    package static let claim = Lifetime.seconds(20)
    /// How often it is tried.
    package static let mostAttempts: Int64 = 10
    /// How long it is tried: an application forgets a session by itself one day.
    package static let patience = Lifetime.days(1)

    /// How long to wait after so many attempts: 2 seconds at first, then four times as long each
    /// time, up to four hours.
    package static func pause(after attempts: Int64) -> Lifetime {
        .seconds(min(2 << (2 * min(max(attempts - 1, 0), 7)), 4 * 3_600))
    }

    /// When it is tried next, and how many attempts count until now.
    package struct Next: Sendable, Equatable {
        package let dueAt: Timestamp
        package let attempts: Int64
    }

    /// Decides after an attempt that failed; nil if there is no other one.
    package func next(after failure: LogoutFailure, at now: Timestamp) -> Next? {
        guard failure.isTemporary else { return nil }
        let attempts = failure.isPostponed ? attempts - 1 : attempts
        guard attempts < Self.mostAttempts else { return nil }
        let due = now + Self.pause(after: attempts)
        return due < createdAt + Self.patience ? Next(dueAt: due, attempts: attempts) : nil
    }
}

/// Why a client was not told.
package struct LogoutFailure: Error, Sendable, Hashable {
    /// A word of ours, and nothing that the other server said.
    package let reason: String
    /// True if it may go well another time.
    package let isTemporary: Bool
    /// True if nothing was sent: it counts as no attempt.
    package let isPostponed: Bool

    private init(_ reason: String, isTemporary: Bool = false, isPostponed: Bool = false) {
        self.reason = reason
        self.isTemporary = isTemporary
        self.isPostponed = isPostponed
    }

    /// The client, or its address, is gone.
    package static let unregistered = LogoutFailure("unregistered")
    /// The address is one of this installation, which would talk to itself.
    package static let ownAddress = LogoutFailure("own_address")
    /// The client looked at the token and refused it (OpenID Connect Back-Channel Logout §2.8).
    package static let refused = LogoutFailure("refused")
    /// The client's server answered something else.
    package static let status = LogoutFailure("status", isTemporary: true)
    /// No token could be made now.
    package static let unprepared = LogoutFailure("unprepared", isTemporary: true)

    /// There is no answer.
    package init(_ failure: OutboundFailure) {
        let isPostponed = [.busy, .recentlyFailed].contains(failure)
        self.init(failure.rawValue, isTemporary: true, isPostponed: isPostponed)
    }
}

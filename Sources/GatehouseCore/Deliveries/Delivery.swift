import GatehouseSQL

/// One thing that one client has to be told.
///
/// It is written in the transaction that makes it so, and is gone once the client was told, or will
/// never be.
package struct Delivery: Sendable {
    package let tenantID: Tenant.ID
    package let news: News
    package let clientID: Client.ID
    /// The address that the client's tokens come through.
    package let issuer: String
    /// Whom it is about.
    package let userID: User.ID
    /// The request that made it so.
    package let requestID: String
    package let createdAt: Timestamp
    /// When it is tried next; while somebody tries, when that claim is over.
    package let dueAt: Timestamp
    /// How often it was tried.
    package let attempts: Int64

    /// What a client is told.
    package enum News: Sendable, Hashable {
        /// That a session is over (OpenID Connect Back-Channel Logout 1.0).
        case logout(Session.ID)
        /// That a person has answered elsewhere (OpenID Connect CIBA Core §10.2).
        case ping(BackchannelAuthentication.ID)
    }

    /// How long a claim lasts: longer than any request takes, so that nobody tries at the same time,
    /// and so short that what a dead node had claimed is tried again soon.
    package static let claim = Lifetime.seconds(20)
    /// How often it is tried.
    package static let mostAttempts: Int64 = 10
    /// How long it is tried: an application forgets a session by itself one day.
    ///
    /// What is of no use before that is not sent any more.
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
    package func next(after failure: DeliveryFailure, at now: Timestamp) -> Next? {
        guard failure.isTemporary else { return nil }
        let attempts = failure.isPostponed ? attempts - 1 : attempts
        guard attempts < Self.mostAttempts else { return nil }
        let due = now + Self.pause(after: attempts)
        return due < createdAt + Self.patience ? Next(dueAt: due, attempts: attempts) : nil
    }
}

extension Delivery.News {
    /// The word that is stored for its kind.
    var kind: String {
        switch self {
        case .logout: "logout"
        case .ping: "ping"
        }
    }

    /// The record that it is about.
    var subject: String {
        switch self {
        case .logout(let id): id.text
        case .ping(let id): id.text
        }
    }

    init(stored kind: String, of subject: String) throws {
        switch kind {
        case "logout": self = .logout(Session.ID(stored: subject))
        case "ping": self = .ping(BackchannelAuthentication.ID(stored: subject))
        default: throw DatabaseError.unexpectedColumn("delivery.kind")
        }
    }
}

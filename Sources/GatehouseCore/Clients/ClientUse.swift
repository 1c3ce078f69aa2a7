/// Something that a client did, for which one counts how often it is done on a day.
package struct ClientUse: Hashable, Sendable {
    package let client: Client.ID
    package let day: Day
    package let kind: Kind
    /// By what, where that is asked for: a registered redirect URI, or a scope value.
    package let target: String

    package enum Kind: String, Sendable {
        /// Somebody signed in to it; the target is the redirect URI, or nothing if it has none.
        case signIn = "sign_in"
        /// A sign-in gave it a scope value.
        case scope
        /// It used a refresh token.
        case refresh
        /// It got a token for itself.
        case token
    }

    package init(_ kind: Kind, by client: Client.ID, target: String = "", at now: Timestamp) {
        self.kind = kind
        self.client = client
        self.target = target
        day = Day(of: now)
    }

    /// What a sign-in counts as, and each scope value that it gave.
    static func signIn(
        to client: Client.ID, at uri: String, giving scope: [String], at now: Timestamp
    ) -> [ClientUse] {
        [ClientUse(.signIn, by: client, target: uri, at: now)]
            + scope.map { ClientUse(.scope, by: client, target: $0, at: now) }
    }
}

/// A day of UTC, as the days since 1970-01-01.
package struct Day: Hashable, Sendable, Comparable {
    package let number: Int64

    package init(of moment: Timestamp) {
        let (quotient, rest) = moment.seconds.quotientAndRemainder(dividingBy: 86_400)
        number = rest < 0 ? quotient - 1 : quotient
    }

    private init(number: Int64) {
        self.number = number
    }

    /// When it begins.
    package var start: Timestamp { Timestamp(seconds: number * 86_400) }

    /// The day that lies so many days before.
    package func before(_ days: Int64) -> Day { Day(number: number - days) }

    package static func < (one: Self, other: Self) -> Bool { one.number < other.number }
}

/// How often a client was used from a moment on.
package struct ClientUsage: Sendable {
    /// Since when it was counted.
    package let since: Timestamp
    package private(set) var signIns: Int64 = 0
    package private(set) var refreshes: Int64 = 0
    package private(set) var tokens: Int64 = 0
    /// The redirect URIs at which people signed in, and how often.
    package private(set) var redirectURIs: [(text: String, count: Int64)] = []
    /// The scope values that sign-ins gave, and how often.
    package private(set) var scopes: [(text: String, count: Int64)] = []

    init(since: Timestamp) {
        self.since = since
    }

    mutating func add(_ kind: ClientUse.Kind, _ target: String, _ count: Int64) {
        switch kind {
        case .signIn:
            signIns += count
            if !target.isEmpty { redirectURIs.append((target, count)) }
        case .scope: scopes.append((target, count))
        case .refresh: refreshes += count
        case .token: tokens += count
        }
    }
}

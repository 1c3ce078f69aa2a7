private import GatehouseEncoding

/// What of an event counts when it is told how much happens at a tenant.
package struct Activity: Sendable, Hashable {
    let measure: Measure
    /// The client that it was at; nil if it was at none, or none is known.
    let client: String?
    /// Whoever acted, if it was a person.
    let user: String?
    let occurredAt: Timestamp

    /// What is counted.
    package enum Measure: String, Sendable, CaseIterable {
        /// Somebody tried to sign in, and did not succeed.
        case signInFailed = "sign_in_failed"
        /// Somebody signed in with a browser.
        case signedIn = "signed_in"
        /// Somebody was let into an application.
        case granted
        /// Somebody allowed an application nothing.
        case denied
        /// An application got tokens for a sign-in.
        case redeemed
        /// An application got new tokens for old ones.
        case refreshed
        /// A machine got tokens.
        case machine
        /// Tokens were refused to an application.
        case refused
    }

    /// Nil if it does not count.
    init?(_ event: RecordedEvent) {
        guard let kind = Event.Kind(rawValue: event.kind), let measure = Measure(kind) else {
            return nil
        }
        self.measure = measure
        client = Self.client(of: event)
        user = event.actor.hasPrefix("usr_") ? event.actor : nil
        occurredAt = event.occurredAt
    }

    /// The client that acted, or that the details name.
    private static func client(of event: RecordedEvent) -> String? {
        if event.actor.hasPrefix("client_") { return event.actor }
        if let subject = event.subject, subject.hasPrefix("client_") { return subject }
        // What was recorded is JSON; what is not names no client.
        let detail = try? JSONObject(parsing: Array(event.detail.utf8))
        return detail?["client"]?.string
    }
}

extension Activity.Measure {
    fileprivate init?(_ kind: Event.Kind) {
        switch kind {
        case .signInFailed: self = .signInFailed
        case .signedIn: self = .signedIn
        case .grantCreated: self = .granted
        case .consentDenied, .deviceAuthorizationDenied, .backchannelDenied: self = .denied
        case .codeRedeemed, .deviceAuthorizationRedeemed, .backchannelRedeemed: self = .redeemed
        case .tokenRefreshed: self = .refreshed
        case .tokenIssued: self = .machine
        case .codeReused, .codeRefused, .refreshTokenReused, .refreshTokenRefused: self = .refused
        default: return nil
        }
    }
}

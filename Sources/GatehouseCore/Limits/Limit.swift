/// How often something may happen in a span of time, at one tenant.
///
/// The span is a fixed window that begins with the first attempt. Across the border of two windows
/// twice as much can therefore happen in one span, and the defaults reckon with it.
package struct Limit: Sendable, Hashable {
    package let name: Name
    /// How often it may happen.
    package let allowed: Int
    /// In which time.
    package let span: Lifetime

    package init(_ name: Name, allowed: Int, per span: Lifetime) {
        self.name = name
        self.allowed = allowed
        self.span = span
    }

    /// What is limited.
    ///
    /// Transactions touch counters in the order of the cases, so that no two wait for each other.
    package enum Name: String, Sendable, CaseIterable {
        /// Wrong passwords of one person, from one browser that they have signed in with before.
        case passwordDevice = "password-device"
        /// Wrong passwords from one network, whoever they are for.
        case passwordNetwork = "password-network"
        /// Wrong passwords for one sign-in name from one network.
        case passwordNameNetwork = "password-name-network"
        /// Wrong passwords for one sign-in name from everywhere, but for known devices.
        case passwordName = "password-name"
        /// Accounts that strangers make, or try to, from one network.
        case accountNetwork = "account-network"
        /// Failed authentications from one network, of whatever client.
        case authenticationNetwork = "authentication-network"
        /// Failed authentications of one client from one network.
        case authenticationClient = "authentication-client"
        /// Codes and refresh tokens that nobody issued, from a client that proved who it is.
        case grantClient = "grant-client"
        /// Codes and refresh tokens that nobody issued, in the name of a public client, from one
        /// network.
        case grantNetwork = "grant-network"
        /// Access tokens that nobody issued, from one network.
        case accessTokenNetwork = "access-token-network"
        /// Device authorizations that are begun in the name of a public client, from one network.
        case deviceAuthorizationNetwork = "device-authorization-network"
        /// Wrong user codes from one network, from browsers in which nobody is signed in.
        case userCodeNetwork = "user-code-network"
        /// Wrong user codes from a person who is signed in, in all of their sessions.
        case userCodeUser = "user-code-user"
        /// Clients that register without an initial access token, from one network.
        case registrationNetwork = "registration-network"
        /// Metadata documents that are asked for because a request names them, from one network.
        case metadataDocumentNetwork = "metadata-document-network"
        /// What one client asks of one person who is elsewhere.
        case backchannelUser = "backchannel-user"
        /// Letters that invite one address, whatever to.
        case invitationAddress = "invitation-address"
        /// Letters that invite to one organization.
        case invitationOrganization = "invitation-organization"
    }

    /// What can be set: once in a second to a million times in a month.
    package static let allowedRange = 1...1_000_000
    package static let spanRange = Lifetime.seconds(1)...Lifetime.days(31)
}

extension Limit.Name {
    /// The limit where the tenant sets none.
    ///
    /// A person has two sign-in names at most, so 25 for each in a fixed hour are 100 in any hour:
    /// what NIST SP 800-63B-4 §3.2.2 allows for an account.
    package var standard: Limit {
        switch self {
        case .passwordDevice: Limit(self, allowed: 8, per: .minutes(15))
        case .passwordNetwork: Limit(self, allowed: 100, per: .hours(1))
        case .passwordNameNetwork: Limit(self, allowed: 8, per: .hours(1))
        case .passwordName: Limit(self, allowed: 25, per: .hours(1))
        case .accountNetwork: Limit(self, allowed: 50, per: .hours(1))
        case .authenticationNetwork: Limit(self, allowed: 1_000, per: .minutes(15))
        case .authenticationClient: Limit(self, allowed: 100, per: .minutes(15))
        case .grantClient: Limit(self, allowed: 300, per: .minutes(15))
        case .grantNetwork: Limit(self, allowed: 300, per: .minutes(15))
        case .accessTokenNetwork: Limit(self, allowed: 300, per: .minutes(15))
        case .deviceAuthorizationNetwork: Limit(self, allowed: 100, per: .minutes(15))
        case .userCodeNetwork: Limit(self, allowed: 30, per: .hours(1))
        case .userCodeUser: Limit(self, allowed: 10, per: .minutes(15))
        case .registrationNetwork: Limit(self, allowed: 60, per: .hours(1))
        case .metadataDocumentNetwork: Limit(self, allowed: 120, per: .hours(1))
        case .backchannelUser: Limit(self, allowed: 10, per: .minutes(15))
        case .invitationAddress: Limit(self, allowed: 10, per: .hours(1))
        case .invitationOrganization: Limit(self, allowed: 500, per: .hours(1))
        }
    }
}

/// Something happened too often: it may be tried again when the window ends.
package struct LimitExceeded: Error, Sendable, Hashable {
    package let name: Limit.Name
    /// Whole seconds until then, at least one.
    package let retryAfter: Int

    init(_ name: Limit.Name, until end: Timestamp, at now: Timestamp) {
        self.name = name
        let milliseconds = max(0, end.milliseconds - now.milliseconds)
        retryAfter = max(1, Int((milliseconds + 999) / 1_000))
    }
}

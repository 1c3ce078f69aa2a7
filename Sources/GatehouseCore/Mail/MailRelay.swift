/// The server that takes mail from this installation and brings it to people.
///
/// The domain writes what is said; whatever hands it over lives in a target of its own.
package protocol MailRelay: Sendable {
    /// Hands a mail over; it is the relay's from then on.
    func send(_ mail: Mail) async throws(MailFailure)
}

/// Why a relay did not take a mail.
package enum MailFailure: String, Error, Sendable, CaseIterable {
    /// Nothing answers at the address of the relay.
    case unreachable
    /// The relay did not prove by a certificate who it is, or offers no TLS.
    case insecure
    /// The relay does not believe that it is us.
    case unauthenticated
    /// The relay wants the mail another time.
    case postponed
    /// The relay does not want this mail, ever.
    case refused
    /// The relay did not answer in time.
    case timedOut = "timed_out"
    /// What the relay says is not SMTP, or it broke off.
    case malformed

    /// True if the mail may be taken another time.
    package var isTemporary: Bool { self != .refused }
}

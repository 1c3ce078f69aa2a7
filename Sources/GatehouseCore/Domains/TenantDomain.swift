package import GatehouseProtocol
private import GatehouseEncoding
import GatehouseSQL

/// A domain of a tenant's own, at which it answers once it is proved that the tenant may speak for
/// it: by a TXT record that only whoever runs the domain can put there.
package struct TenantDomain: Sendable, Hashable {
    package let host: HostName
    /// What the TXT record says: random, so that nobody finds one there from before.
    package let proof: String
    package let createdAt: Timestamp
    /// Since when the tenant answers here; nil until it is proved.
    package internal(set) var verifiedAt: Timestamp?
    /// When the record was last looked for.
    package internal(set) var checkedAt: Timestamp?
    /// Since when it is not there any more.
    package internal(set) var missingSince: Timestamp?

    /// How long the record may be away before the domain is given up: longer than any mishap with a
    /// zone, shorter than it takes to sell a domain that ran out.
    package static let patience = Lifetime.days(7)
    /// How often the record of a domain in use is looked for.
    static let recheck = Lifetime.hours(24)

    /// Claims a domain for a tenant.
    package init(claiming host: HostName, at now: Timestamp) {
        self.host = host
        proof = "gatehouse-domain-verification=" + Base64URL.encode(Random.bytes(20))
        createdAt = now
    }

    /// The name that the record stands at.
    package var recordName: String { "_gatehouse." + host.text }

    /// What a look at the name servers means for a domain.
    package enum Finding: Sendable, Hashable {
        /// The record is there.
        case proved
        /// It is not there. `isOver` if it has been away for too long.
        case missing(isOver: Bool)
        /// The name servers did not say.
        case unknown
    }

    /// Judges what the name servers say, and notes it.
    mutating func note(_ answer: TextRecordAnswer, at now: Timestamp) -> Finding {
        switch answer {
        case .unavailable: return .unknown
        case .records(let texts) where texts.contains { $0.isExactly(proof) }:
            checkedAt = now
            missingSince = nil
            return .proved
        case .records:
            checkedAt = now
            let since = missingSince ?? now
            missingSince = since
            return .missing(isOver: now >= since + Self.patience)
        }
    }
}

/// What the name servers say about the TXT records of a name.
package enum TextRecordAnswer: Sendable, Hashable {
    /// The records that there are; none if the name is not there either.
    case records([String])
    /// They did not answer, or not to be believed.
    case unavailable
}

/// Asks the name servers for TXT records.
package protocol TextRecords: Sendable {
    /// The TXT records of a name.
    func records(at name: String) async -> TextRecordAnswer
}

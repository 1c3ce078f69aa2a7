package import GatehouseProtocol
private import GatehouseEncoding
import GatehouseSQL

/// That somebody speaks for a domain, and how it is proved: by a TXT record that only whoever runs
/// the domain can put there.
///
/// A tenant answers at a domain that it has proved; an organization decides about the addresses of
/// one.
package struct DomainClaim: Sendable, Hashable {
    package let host: HostName
    /// What the TXT record says: random, so that nobody finds one there from before.
    package let proof: String
    package let createdAt: Timestamp
    /// Since when it counts; nil until it is proved.
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

    /// Claims a domain.
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
        case .unavailable:
            checkedAt = now
            return .unknown
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

extension DomainClaim {
    /// The columns of a claim, in a statement on any table of claims.
    static let columns: SQL = "host, proof, created_at, verified_at, checked_at, missing_since"

    init(_ row: Row) throws {
        host = HostName(stored: try row.text("host"))
        proof = try row.text("proof")
        createdAt = Timestamp(milliseconds: try row.integer("created_at"))
        verifiedAt = try row.optionalInteger("verified_at").map(Timestamp.init(milliseconds:))
        checkedAt = try row.optionalInteger("checked_at").map(Timestamp.init(milliseconds:))
        missingSince = try row.optionalInteger("missing_since").map(Timestamp.init(milliseconds:))
    }
}

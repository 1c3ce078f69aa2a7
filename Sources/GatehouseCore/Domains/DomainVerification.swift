/// What came of looking whether somebody speaks for a domain.
package enum DomainVerification: Sendable {
    case verified(DomainClaim)
    /// The record is not there, or says something else.
    case missing(DomainClaim, found: [String])
    /// The name servers did not answer.
    case unavailable
    /// Somebody else has proved it before.
    case inUse
    /// Nobody has claimed it.
    case unknown
}

extension DomainClaim {
    /// Looks for the record of a claim, and has it counted if the record is right.
    ///
    /// `count` does so, unless the domain is in use: false says that it is.
    func verify(
        by textRecords: any TextRecords, at now: Timestamp,
        _ count: (DomainClaim) async throws -> Bool
    ) async throws -> DomainVerification {
        guard verifiedAt == nil else { return .verified(self) }
        var domain = self
        let answer = await textRecords.records(at: recordName)
        switch domain.note(answer, at: now) {
        case .unknown: return .unavailable
        case .missing:
            guard case .records(let texts) = answer else { return .unavailable }
            return .missing(domain, found: texts)
        case .proved: break
        }
        domain.verifiedAt = now
        return try await count(domain) ? .verified(domain) : .inUse
    }
}

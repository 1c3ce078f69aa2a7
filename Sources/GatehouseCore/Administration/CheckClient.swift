private import GatehouseProtocol

/// Checks a client before it is registered, and whenever it is changed: against its profile, and
/// against the sector that it says to be of.
struct CheckClient: Sendable {
    let outbound: any Outbound

    /// The most bytes of the list of a sector: several times those of the longest honest one.
    private static let mostBytes = 64 * 1024

    /// Refuses a client whose registration contradicts itself; `old` is what it was until now.
    ///
    /// - Throws: ``ClientRefusal``
    func check(
        _ client: Client, insteadOf old: Client?, at now: Timestamp
    ) async throws(ClientRefusal) {
        try Self.judge(client, insteadOf: old)
        guard let list = Self.unreadList(of: client, insteadOf: old) else { return }
        try await check(client, isListedAt: list, at: now)
    }

    /// Refuses what can be refused without asking anybody.
    static func judge(_ client: Client, insteadOf old: Client?) throws(ClientRefusal) {
        let contradictions = client.contradictions
        guard contradictions.isEmpty else {
            throw .contradictions(client.policies.profile, contradictions)
        }
        if let old { try checkSubject(of: client, insteadOf: old) }
        guard let sector = client.policies.subjectType.sector, sector.document == nil else {
            return
        }
        guard client.redirectURIs.allSatisfy({ $0.host == sector.host }) else {
            throw .mixedSector
        }
    }

    /// Where the list of the client's sector stands; nil if it need not be asked for.
    static func unreadList(of client: Client, insteadOf old: Client?) -> OutboundAddress? {
        let isKnown =
            old?.redirectURIs == client.redirectURIs
            && old?.policies.subjectType == client.policies.subjectType
        return isKnown ? nil : client.policies.subjectType.sector?.document
    }

    /// Refuses a client of which the list lacks a redirect URI.
    func check(
        _ client: Client, isListedAt address: OutboundAddress, at now: Timestamp
    ) async throws(ClientRefusal) {
        let list = try await read(address, at: now)
        guard client.redirectURIs.allSatisfy(list.lists) else { throw .notInSector }
    }

    /// Refuses to write anything else than what was checked.
    static func confirm(
        _ client: Client, insteadOf old: Client?, checked trial: Client
    ) throws(ClientRefusal) {
        try judge(client, insteadOf: old)
        guard client.redirectURIs == trial.redirectURIs,
            client.policies.subjectType == trial.policies.subjectType
        else { throw .changedMeanwhile }
    }

    /// Refuses a change after which the client would know people by other names.
    private static func checkSubject(
        of client: Client, insteadOf old: Client
    ) throws(ClientRefusal) {
        let (new, old) = (client.policies.subjectType, old.policies.subjectType)
        guard new.name == old.name, new.sector?.host == old.sector?.host else {
            throw .subjectChanged
        }
        guard let document = new.sector?.document else { return }
        guard document.host == new.sector?.host else { throw .subjectChanged }
    }

    /// Asks for the list of a sector, and takes only what says that it is one.
    private func read(
        _ address: OutboundAddress, at now: Timestamp
    ) async throws(ClientRefusal) -> SectorIdentifierDocument {
        let answer: OutboundAnswer
        do throws(OutboundFailure) {
            answer = try await outbound.get(
                OutboundRequest(
                    address, accept: "application/json", mostBytes: Self.mostBytes), at: now)
        } catch {
            throw .sectorUnavailable(error.rawValue)
        }
        guard answer.status == 200 else { throw .sectorUnavailable("status") }
        guard answer.mediaType == "application/json" else {
            throw .sectorUnavailable("media_type")
        }
        guard let list = SectorIdentifierDocument(parsing: answer.body) else {
            throw .sectorUnavailable("content")
        }
        return list
    }
}

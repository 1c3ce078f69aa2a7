private import GatehouseEncoding

/// Some events of one tenant, sealed, and the signed end of the chain behind them.
struct ChainLink: Sendable {
    let tenantID: Tenant.ID
    let events: [SealedEvent]
    let checkpoint: Checkpoint
    let token: String
    /// What said where the chain ended before; nil if nothing did.
    let oldToken: String?
    /// Whether the checkpoint is kept for good.
    let isKept: Bool
    /// What somebody made of the chain before; nil if it is as it was left.
    let alteration: Alteration?

    /// The chain does not end where its signed end says.
    ///
    /// It goes on all the same, and the trail tells of it: whoever could stop it by altering it would
    /// do so.
    struct Alteration: Sendable {
        /// The number of the last event by the signed end; nil if there is none that this
        /// installation signed.
        let signed: Int64?
        /// The number of the last event that is there.
        let found: Int64?

        var event: Event {
            let numbers: [(name: StaticString, value: Int64?)] = [
                ("signed", signed), ("found", found),
            ]
            return Event(
                .auditAltered, by: .system,
                detail: numbers.compactMap { name, value in value.map { (name, String($0)) } })
        }
    }

    init(
        sealing events: [RecordedEvent], of tenant: Tenant.ID, after tip: EventChainRecords.Tip,
        with key: AuditKey, at now: Timestamp
    ) throws {
        let (start, alteration) = Self.start(of: tenant, after: tip, with: key, at: now)
        var sealed: [SealedEvent] = []
        var (sequence, hash) = (start.sequence, start.hash)
        for event in events {
            let next = SealedEvent(event, of: tenant, after: sequence, hash)
            sealed.append(next)
            (sequence, hash) = (next.sequence, next.hash)
        }
        tenantID = tenant
        self.events = sealed
        self.alteration = alteration
        checkpoint = Checkpoint(tenantID: tenant, sequence: sequence, hash: hash, at: now)
        token = try key.sign(checkpoint)
        oldToken = tip.token
        isKept =
            tip.kept.map {
                sequence - $0.sequence >= SealEvents.keptEvents
                    || $0.signedAt + SealEvents.keptTime <= now
            } ?? true
    }

    /// Where the chain goes on: behind what is signed and what is there.
    static func start(
        of tenant: Tenant.ID, after tip: EventChainRecords.Tip, with key: AuditKey,
        at now: Timestamp
    ) -> (Checkpoint, Alteration?) {
        let beginning = Checkpoint.beginning(of: tenant, at: now)
        // Why it is no end of this chain does not matter: somebody else wrote it.
        let read = tip.token.flatMap { try? Checkpoint($0, signedBy: key.publicKey) }
        let signed = read.flatMap { $0.tenantID == tenant ? $0 : nil }
        let found = tip.last.map {
            Checkpoint(tenantID: tenant, sequence: $0.sequence, hash: $0.hash, at: now)
        }
        if tip.token == nil, found == nil { return (beginning, nil) }
        if let signed, let found, signed.sequence == found.sequence, signed.hash == found.hash {
            return (signed, nil)
        }
        let alteration = Alteration(signed: signed?.sequence, found: found?.sequence)
        let last = [signed, found].compactMap(\.self).max { $0.sequence < $1.sequence }
        return (last ?? beginning, alteration)
    }
}

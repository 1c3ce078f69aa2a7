private import GatehouseEncoding

/// Some events of one tenant, sealed, and the signed end of the chain behind them.
struct ChainLink: Sendable {
    let tenantID: Tenant.ID
    /// That somebody altered the chain before; nil if it is as it was left.
    ///
    /// It is sealed before anything else, in the transaction that signs what was found there: so it
    /// cannot be taken out again without altering the chain once more.
    let notice: SealedEvent?
    let events: [SealedEvent]
    /// The end, and what says so.
    let end: Checkpoint
    let token: String
    /// What said where the chain ended before; nil if nothing did.
    let oldToken: String?
    /// The checkpoint of the end, if it is kept for good.
    let kept: String?

    init(
        sealing events: [RecordedEvent], of tenant: Tenant.ID, after tip: EventChainRecords.Tip,
        seen: Checkpoint?, with key: AuditKey, at now: Timestamp
    ) throws {
        let (start, alteration) = Self.start(of: tenant, after: tip, seen: seen, with: key, at: now)
        var (sequence, hash) = (start.sequence, start.hash)
        func seal(_ event: RecordedEvent) -> SealedEvent {
            let sealed = SealedEvent(event, of: tenant, after: sequence, hash)
            (sequence, hash) = (sealed.sequence, sealed.hash)
            return sealed
        }
        tenantID = tenant
        let occasion = Occasion(now: now, requestID: Event.ID(at: now).text, address: nil)
        notice = alteration.map { seal(RecordedEvent($0.event, on: occasion)) }
        self.events = events.map(seal)
        end = Checkpoint(tenantID: tenant, sequence: sequence, hash: hash, at: now)
        token = try key.sign(end: end)
        oldToken = tip.token
        let isKept =
            tip.kept.map {
                sequence - $0.sequence >= SealEvents.keptEvents
                    || $0.signedAt + SealEvents.keptTime <= now
            } ?? true
        kept = isKept ? try key.sign(end) : nil
    }

    /// The chain does not end where its signed end says, or where this node left it.
    ///
    /// It goes on all the same, and the trail tells of it: whoever could stop it by altering it would
    /// do so.
    struct Alteration: Sendable {
        /// The number of the last event by the signed end; nil if there is none that this
        /// installation signed.
        let signed: Int64?
        /// The number of the last event that is there.
        let found: Int64?
        /// The number of the last event that this node sealed, if the chain was set back behind it.
        let left: Int64?

        var event: Event {
            let numbers: [(name: StaticString, value: Int64?)] = [
                ("signed", signed), ("found", found), ("left", left),
            ]
            return Event(
                .auditAltered, by: .system,
                detail: numbers.compactMap { name, value in value.map { (name, String($0)) } })
        }
    }

    /// Where the chain goes on: behind what is signed, what is there, and what this node saw.
    static func start(
        of tenant: Tenant.ID, after tip: EventChainRecords.Tip, seen: Checkpoint?,
        with key: AuditKey, at now: Timestamp
    ) -> (Checkpoint, Alteration?) {
        // Why it is no end of this chain does not matter: somebody else wrote it.
        let read = tip.token.flatMap { try? Checkpoint(end: $0, signedBy: key.publicKey) }
        let signed = read.flatMap { $0.tenantID == tenant ? $0 : nil }
        let found = tip.last.map {
            Checkpoint(tenantID: tenant, sequence: $0.sequence, hash: $0.hash, at: now)
        }
        let beginning = Checkpoint.beginning(of: tenant, at: now)
        let isSetBack = (seen?.sequence ?? 0) > (signed?.sequence ?? 0)
        let isNew = tip.token == nil && found == nil
        let isSigned = signed.flatMap { end in
            found.map { end.sequence == $0.sequence && end.hash == $0.hash }
        }
        if !isSetBack, isNew || isSigned == true { return (signed ?? beginning, nil) }
        let alteration = Alteration(
            signed: signed?.sequence, found: found?.sequence,
            left: isSetBack ? seen?.sequence : nil)
        let last = [signed, found, seen].compactMap(\.self).max { $0.sequence < $1.sequence }
        return (last ?? beginning, alteration)
    }
}

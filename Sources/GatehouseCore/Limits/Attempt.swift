/// One attempt at something that is limited, and the counters that it counts in.
struct Attempt: Sendable {
    /// One counter: the limit, and whom or what it is about.
    struct Counter: Sendable {
        let name: Limit.Name
        let key: AttemptKey
    }

    private let counters: [Counter]
    /// Who tries, and at whose account: for the event that a limit is exceeded.
    private let actor: Event.Actor
    private let subject: String?

    init(_ counters: [Counter], by actor: Event.Actor, of subject: String? = nil) {
        let order = Limit.Name.allCases
        self.counters = order.flatMap { name in counters.filter { $0.name == name } }
        self.actor = actor
        self.subject = subject
    }

    /// Whether an attempt may go on.
    enum Outcome: Sendable {
        case counted(CountedAttempt)
        case exceeded(LimitExceeded)
    }

    /// Counts the attempt in all of its counters, or in none if one has no room.
    ///
    /// What is refused is not counted: trying on does not make the wait longer, and does not use
    /// up what others may still try.
    func count(in records: TenantRecords, on occasion: Occasion) throws -> Outcome {
        let limits = try records.limits.all()
        // Asked first, so that those who are refused write nothing and wait for no row.
        if let full = try full(limits, in: records, at: occasion.now) {
            return .exceeded(try refuse(full, in: records, on: occasion))
        }
        var counted = CountedAttempt()
        for counter in counters {
            let limit = limits[counter.name] ?? counter.name.standard
            if try records.attemptCounters.count(counter.key, limit, at: occasion.now) {
                counted.add(counter, until: occasion.now + limit.span)
                continue
            }
            // Others took the last places in this very moment.
            try counted.giveBack(in: records)
            guard let full = try full(limits, in: records, at: occasion.now) else {
                return .exceeded(LimitExceeded(counter.name, until: occasion.now, at: occasion.now))
            }
            return .exceeded(try refuse(full, in: records, on: occasion))
        }
        return .counted(counted)
    }

    /// The limit that the attempt would be refused for, if others were before it: asked by those
    /// who only read.
    func refusal(in records: TenantRecords, at now: Timestamp) throws -> LimitExceeded? {
        guard let full = try full(records.limits.all(), in: records, at: now), full.isNoted
        else { return nil }
        return LimitExceeded(full.counter.name, until: full.end, at: now)
    }

    /// A counter without room.
    private struct Full {
        let counter: Counter
        let end: Timestamp
        let isNoted: Bool
    }

    private func full(
        _ limits: [Limit.Name: Limit], in records: TenantRecords, at now: Timestamp
    ) throws -> Full? {
        for counter in counters {
            let limit = limits[counter.name] ?? counter.name.standard
            if let found = try records.attemptCounters.full(counter.key, limit, at: now) {
                // Whoever began the window may have come a moment later than this one.
                let end = min(found.end, now + limit.span)
                return Full(counter: counter, end: end, isNoted: found.isNoted)
            }
        }
        return nil
    }

    /// Refuses, and tells it once for each window.
    private func refuse(
        _ full: Full, in records: TenantRecords, on occasion: Occasion
    ) throws -> LimitExceeded {
        if try !full.isNoted
            && records.attemptCounters.noteExceeded(full.counter.key, at: occasion.now)
        {
            try records.events.append(
                Event(
                    .limitExceeded, by: actor, of: subject,
                    detail: [("limit", full.counter.name.rawValue)]),
                on: occasion)
        }
        return LimitExceeded(full.counter.name, until: full.end, at: occasion.now)
    }
}

/// An attempt that was counted.
struct CountedAttempt: Sendable {
    private var counters: [(counter: Attempt.Counter, end: Timestamp)] = []

    mutating func add(_ counter: Attempt.Counter, until end: Timestamp) {
        counters.append((counter, end))
    }

    /// Takes the attempt back: it came to nothing.
    func giveBack(in records: TenantRecords) throws {
        for (counter, end) in counters {
            try records.attemptCounters.giveBack(counter.key, countedUntil: end)
        }
    }

    /// Takes the attempt back because the password was right, and forgets the wrong ones before it
    /// of the same person in the same place.
    ///
    /// Whoever knows one password must not win time to guess another: what all of a network did,
    /// or everybody with this name, stays counted.
    func succeed(in records: TenantRecords) throws {
        for (counter, end) in counters {
            switch counter.name {
            case .passwordDevice, .passwordNameNetwork:
                try records.attemptCounters.clear(counter.key)
            default:
                try records.attemptCounters.giveBack(counter.key, countedUntil: end)
            }
        }
    }
}

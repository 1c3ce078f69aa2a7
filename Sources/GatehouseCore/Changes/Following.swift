/// One resource server that follows the changes of its tenant, from a position on.
///
/// It ends when it is let go of.
package final class Following: Sendable {
    private let feed: ChangeFeed
    private let tenant: Tenant.ID
    private let id: Int

    init(feed: ChangeFeed, tenant: Tenant.ID, id: Int) {
        self.feed = feed
        self.tenant = tenant
        self.id = id
    }

    deinit {
        feed.leave(id)
    }

    /// What there is to tell.
    package enum News: Sendable {
        /// In the order in which they came into force; never empty.
        case changes([ToldChange])
        /// There is nothing until now.
        case idle(Timestamp)
        /// Whoever follows may not do so any more, or the node is about to end.
        case over
    }

    /// Where to begin.
    package enum Beginning: Sendable {
        case at(ChangePosition)
        /// What came after the position is not known any more: every token that was issued until now
        /// may be outdated. From the new position on everything is told.
        case reset(ChangePosition)
    }

    /// Where to begin for whoever brings a position.
    package func beginning(after position: ChangePosition) async throws -> Beginning {
        let (isKept, newest) = try await feed.isKept(position, of: tenant)
        return isKept ? .at(position) : .reset(newest)
    }

    /// What came after a position: at once if there is something, or else until a time.
    package func next(
        after position: ChangePosition, at now: Timestamp, until deadline: Timestamp
    ) async throws -> News {
        var now = now
        while true {
            let (known, generation) = feed.known(after: position, of: tenant)
            let changes =
                if let known {
                    Array(known)
                } else {
                    try await feed.page(after: position, of: tenant, at: now)
                }
            if !changes.isEmpty { return .changes(changes) }
            if deadline <= now { return .idle(now) }
            switch await feed.wait(id, after: generation, until: deadline) {
            case .news(let time): now = time
            case .idle(let time): return .idle(time)
            case .over: return .over
            }
        }
    }
}

private import GatehouseSQL
private import Synchronization

/// Tells resource servers what changes access, as soon as it is in force.
///
/// On each node one reader looks into the database for all who follow a tenant: several times a
/// second, and at once when a commit is announced, here or on another node. What it finds stays in
/// memory for a while, for those who are up to date; whoever is behind reads pages of the database at
/// the speed at which they are taken. So nothing piles up for anybody.
///
/// Nobody sleeps in here: whoever calls ``read(at:)`` again and again brings the time.
package final class ChangeFeed: Sendable {
    /// How much may be asked of a node.
    package struct Limits: Sendable {
        /// How many may follow at a time.
        package var followers = 1_000
        /// How many of them with the tokens of one client.
        package var followersOfClient = 16

        package init() {}
    }

    /// What is told at a time.
    static let page = 500
    /// How many changes of a tenant are kept in memory.
    private static let recent = 2_000
    /// How long nothing may be read until nobody is left to believe that they are up to date.
    private static let patience = Lifetime.seconds(2)

    fileprivate struct Waiting {
        let deadline: Timestamp
        let resume: @Sendable (Wake) -> Void
    }

    fileprivate struct Listener {
        let follower: Follower
        var waiting: Waiting?
        var isOver = false
    }

    /// What is known of one tenant.
    fileprivate struct Channel {
        /// Everything after ``start`` up to ``end``, in its order.
        var recent: [ToldChange] = []
        var start = ChangePosition.beginning
        /// How far was read; nil before the first time.
        var end: ChangePosition?
        /// Raised with each reading that found something: who looked before looks again.
        var generation = 0
        var listeners = 0
    }

    fileprivate struct State {
        var channels: [Tenant.ID: Channel] = [:]
        var listeners: [Int: Listener] = [:]
        var nextID = 0
        var isOver = false
        var isReading = false
        var isDue = false
        var lastRead: Timestamp?
    }

    /// Why somebody who waits goes on.
    enum Wake: Sendable {
        /// There may be something to tell.
        case news(Timestamp)
        /// There is nothing, and the time is over.
        case idle(Timestamp)
        case over
    }

    private let admission: FollowChanges
    private let limits: Limits
    private let state = Mutex(State())

    private var registry: Registry { admission.accessTokens.registry }
    private var database: any Database { registry.database }

    package init(admission: FollowChanges, limits: Limits = Limits()) {
        self.admission = admission
        self.limits = limits
    }

    /// Lets resource servers in.
    package var follow: FollowChanges { admission }

    // MARK: Following

    /// Why somebody may not follow now.
    package enum Refusal: Error, Sendable {
        /// The client does so too often at a time.
        case tooManyOfClient
        /// There are too many, or the node is about to end.
        case full
    }

    /// Begins to follow; it ends when the value is let go of.
    package func begin(_ follower: Follower) throws(Refusal) -> Following {
        let id = state.withLock { state -> Result<Int, Refusal> in
            guard !state.isOver, state.listeners.count < limits.followers else {
                return .failure(.full)
            }
            let own = state.listeners.values.count {
                $0.follower.clientID == follower.clientID
                    && $0.follower.tenant.id == follower.tenant.id
            }
            guard own < limits.followersOfClient else { return .failure(.tooManyOfClient) }
            state.nextID += 1
            state.listeners[state.nextID] = Listener(follower: follower)
            state.channels[follower.tenant.id, default: Channel()].listeners += 1
            return .success(state.nextID)
        }
        return Following(feed: self, tenant: follower.tenant.id, id: try id.get())
    }

    func leave(_ id: Int) {
        let waiting = state.withLock { state -> Waiting? in
            guard let listener = state.listeners.removeValue(forKey: id) else { return nil }
            let tenant = listener.follower.tenant.id
            state.channels[tenant]?.listeners -= 1
            if state.channels[tenant]?.listeners == 0 { state.channels[tenant] = nil }
            return listener.waiting
        }
        waiting?.resume(.over)
    }

    /// What is in memory after a position; nil if that is not known, and how often something was
    /// found until now.
    func known(
        after position: ChangePosition, of tenant: Tenant.ID
    ) -> (changes: ArraySlice<ToldChange>?, generation: Int) {
        state.withLock { state in
            guard let channel = state.channels[tenant], channel.end != nil else {
                return (nil, state.channels[tenant]?.generation ?? 0)
            }
            guard position >= channel.start else { return (nil, channel.generation) }
            let first = channel.recent.firstIndex { $0.position > position }
            return (
                first.map { channel.recent[$0...].prefix(Self.page) } ?? [], channel.generation
            )
        }
    }

    /// Waits until there may be something that was not there before.
    func wait(_ id: Int, after generation: Int, until deadline: Timestamp) async -> Wake {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let wake = state.withLock { state -> Wake? in
                    guard let listener = state.listeners[id], !listener.isOver else {
                        return .over
                    }
                    let found = state.channels[listener.follower.tenant.id]?.generation
                    if let now = state.lastRead, found != generation { return .news(now) }
                    state.listeners[id]?.waiting = Waiting(deadline: deadline) {
                        continuation.resume(returning: $0)
                    }
                    return nil
                }
                if let wake { continuation.resume(returning: wake) }
                // It may have been cancelled before there was anybody to wake.
                if Task.isCancelled { self.end(id) }
            }
        } onCancel: {
            end(id)
        }
    }

    /// A page of what came after a position, from the database.
    func page(
        after position: ChangePosition, of tenant: Tenant.ID, at now: Timestamp
    ) async throws -> [ToldChange] {
        let changes = try await database.read {
            try $0.records(of: tenant).accessChanges.after(position, limit: Self.page)
        }
        return try await registry.told(changes, of: tenant, at: now)
    }

    /// Whether somebody can go on from a position, and from where else.
    func isKept(
        _ position: ChangePosition, of tenant: Tenant.ID
    ) async throws -> (isKept: Bool, newest: ChangePosition) {
        try await database.read {
            let changes = $0.records(of: tenant).accessChanges
            return (try changes.isKept(position), try changes.newest())
        }
    }

    // MARK: Reading

    /// Ends everybody: the node is about to stop.
    package func end() {
        let ids = state.withLock { state in
            state.isOver = true
            return Array(state.listeners.keys)
        }
        for id in ids { end(id) }
    }

    private func end(_ id: Int) {
        let waiting = state.withLock { state -> Waiting? in
            guard var listener = state.listeners[id] else { return nil }
            defer { state.listeners[id] = listener }
            listener.isOver = true
            defer { listener.waiting = nil }
            return listener.waiting
        }
        waiting?.resume(.over)
    }

    /// Looks for what is new, wakes those who wait for it, and ends those who may not follow any more.
    ///
    /// One at a time: whoever calls meanwhile has it looked once more.
    ///
    /// - Returns: True if it has to be called again at once.
    package func read(at now: Timestamp) async throws -> Bool {
        let isFirst = state.withLock { state in
            state.isDue = state.isReading
            guard !state.isReading, !state.listeners.isEmpty else { return false }
            state.isReading = true
            return true
        }
        guard isFirst else { return false }
        defer { state.withLock { $0.isReading = false } }
        do {
            try await readOnce(at: now)
            try await endThoseNotAdmitted(at: now)
        } catch {
            if isTooOld(at: now) {
                for id in state.withLock({ Array($0.listeners.keys) }) { end(id) }
            }
            throw error
        }
        wakeIdle(at: now)
        return state.withLock { $0.isDue }
    }

    private func isTooOld(at now: Timestamp) -> Bool {
        state.withLock { $0.lastRead.map { $0 + Self.patience < now } ?? true }
    }

    private func readOnce(at now: Timestamp) async throws {
        var tenants = state.withLock { $0.channels.mapValues(\.end) }
        while !tenants.isEmpty {
            let found = try await database.read { [tenants] transaction in
                try tenants.map { tenant, end in
                    let changes = transaction.records(of: tenant).accessChanges
                    guard let end else { return (tenant, [RecordedChange](), try changes.newest()) }
                    let new = try changes.after(end, limit: Self.page)
                    return (tenant, new, new.last?.position ?? end)
                }
            }
            let behind = found.filter { $0.1.count == Self.page }
            for (tenant, changes, end) in found where tenants[tenant] != .some(end) {
                add(
                    try await registry.told(changes, of: tenant, at: now), to: tenant, upTo: end,
                    now)
            }
            tenants = Dictionary(uniqueKeysWithValues: behind.map { ($0.0, Optional($0.2)) })
        }
        state.withLock { $0.lastRead = now }
    }

    private func add(
        _ changes: [ToldChange], to tenant: Tenant.ID, upTo end: ChangePosition, _ now: Timestamp
    ) {
        let waiting = state.withLock { state -> [Waiting] in
            guard var channel = state.channels[tenant] else { return [] }
            if channel.end == nil { channel.start = end }
            channel.end = end
            channel.recent += changes
            let surplus = channel.recent.count - Self.recent
            if surplus > 0 {
                channel.start = channel.recent[surplus - 1].position
                channel.recent.removeFirst(surplus)
            }
            channel.generation += 1
            state.channels[tenant] = channel
            state.lastRead = now
            return state.takeWaiting { $0.follower.tenant.id == tenant }
        }
        for one in waiting { one.resume(.news(now)) }
    }

    private func endThoseNotAdmitted(at now: Timestamp) async throws {
        let followers = state.withLock { state in
            state.listeners.filter { !$0.value.isOver }.mapValues(\.follower)
        }
        for (id, follower) in followers
        where try await !admission.isStillAdmitted(follower, at: now) {
            end(id)
        }
    }

    private func wakeIdle(at now: Timestamp) {
        let waiting = state.withLock { state in
            state.takeWaiting { ($0.waiting?.deadline).map { $0 <= now } ?? false }
        }
        for one in waiting { one.resume(.idle(now)) }
    }
}

extension ChangeFeed.State {
    /// Takes those away who wait and are meant.
    fileprivate mutating func takeWaiting(
        _ isMeant: (ChangeFeed.Listener) -> Bool
    ) -> [ChangeFeed.Waiting] {
        var taken: [ChangeFeed.Waiting] = []
        for (id, listener) in listeners where isMeant(listener) {
            guard let waiting = listener.waiting else { continue }
            taken.append(waiting)
            listeners[id]?.waiting = nil
        }
        return taken
    }
}

/// What an API knows of changes: until when which tokens are outdated.
///
/// It is bounded in time, since tokens end, and in number: where there is no room, what is oldest is
/// forgotten, and tokens that are as old have to be checked in another way.
struct ChangeMemory: Sendable {
    /// What is known of a token.
    enum Judgement: Sendable, Equatable {
        /// Nothing that it says has changed.
        case upToDate
        /// Something has changed after it was issued.
        case outdated
        /// It is older than what is known.
        case unknown
    }

    /// How many seconds the clocks of API and issuer may differ.
    static let tolerance: Int64 = 60
    /// How many rules are remembered.
    static let capacity = 100_000

    private let tokenLifetime: Int64
    private let capacity: Int
    private var untils: [AccessRule: Int64] = [:]
    private var shapes: Set<AccessRule.Shape> = []
    /// Every token that is not younger is outdated.
    private var everything = Int64.min
    /// Nothing is known of tokens that are not younger.
    private var horizon = Int64.min
    private var swept: Int64 = .min

    init(tokenLifetime: Int64, capacity: Int = Self.capacity) {
        self.tokenLifetime = tokenLifetime
        self.capacity = capacity
    }

    /// Takes a change; taken twice it is as taken once, and an older one takes nothing back.
    mutating func take(_ change: FollowedChange, now: Int64) {
        guard !change.isAboutKeys, !change.isEmpty else { return }
        if change.rules.isEmpty { everything = max(everything, change.issuedUntil) }
        for rule in change.rules {
            untils[rule] = max(untils[rule] ?? .min, change.issuedUntil)
            shapes.insert(rule.shape)
        }
        sweep(now: now)
    }

    /// Takes note that what happened up to a moment is not known.
    mutating func reset(until: Int64) { horizon = max(horizon, until) }

    /// What is known of a token.
    func judge(_ token: AccessTraits) -> Judgement {
        if token.issuedAt <= everything { return .outdated }
        for shape in shapes {
            for rule in token.rules(shape) {
                if let until = untils[rule], token.issuedAt <= until { return .outdated }
            }
        }
        return token.issuedAt <= horizon ? .unknown : .upToDate
    }

    private mutating func sweep(now: Int64) {
        let isFull = untils.count > capacity
        guard isFull || swept + 60 <= now || swept == .min else { return }
        swept = now
        untils = untils.filter { now - tokenLifetime - Self.tolerance <= $0.value }
        if untils.count > capacity {
            let times = untils.values.sorted()
            let cut = times[times.count / 2]
            horizon = max(horizon, cut)
            untils = untils.filter { cut < $0.value }
        }
        shapes = Set(untils.keys.map(\.shape))
    }
}

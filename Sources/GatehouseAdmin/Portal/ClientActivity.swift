import GatehouseCore
import GatehouseEncoding
import GatehouseWeb

/// What happened at some clients in the last week, as columns beside them.
struct ClientActivity: Sendable {
    private let counts: [Client.ID: [ActivityCount]]
    private let now: Timestamp

    static let columns = ["Last 7 days", "Not let in", "Last used"]

    init(_ counts: [Client.ID: [ActivityCount]], at now: Timestamp) {
        self.counts = counts
        self.now = now
    }

    /// The cells of one client.
    func cells(of client: JSONValue) -> [HTML] {
        let counts =
            client["client_id"]?.string.flatMap(Client.ID.init(parsing:))
            .flatMap { self.counts[$0] } ?? []
        let days = days(counts)
        let sum = days.reduce(0, +)
        let refused = counts.filter { $0.measure == .refused || $0.measure == .denied }
            .reduce(0) { $0 + Int($1.happened) }
        let last = counts.filter { Self.uses.contains($0.measure) }.map(\.began).max()
        return [
            "\(Sparkline(words: "\(sum) in the last 7 days", numbers: days).html) \(sum)",
            refused == 0 ? "0" : "<strong>\(refused)</strong>",
            last.map { "<span class=\"whole\">\(CalendarTime($0).timestamp.prefix(10))</span>" }
                ?? "<span class=\"reading\">not this week</span>",
        ]
    }

    /// What a sign-in, or a machine's request, leads to.
    static let results: Set<Activity.Measure> = [.redeemed, .machine]
    /// What counts as use.
    private static let uses: Set<Activity.Measure> = [.granted, .redeemed, .refreshed, .machine]

    /// Sign-ins, and tokens of machines, on each of the days, the oldest first.
    private func days(_ counts: [ActivityCount]) -> [Int] {
        var numbers: [Timestamp: Int] = [:]
        for count in counts where Self.results.contains(count.measure) {
            numbers[count.began, default: 0] += Int(count.happened)
        }
        let today = Day(of: now)
        return (0..<7).reversed().map { numbers[today.before($0).start] ?? 0 }
    }
}

extension PortalCall {
    /// What happened at the clients of a list; nil of a list of something else.
    func clientActivity(_ screen: PortalScreen, _ items: [JSONValue]) async throws
        -> ClientActivity?
    {
        guard screen.endpoint.operation == .listClients,
            let tenant = try await tenant()
        else { return nil }
        let ids = items.compactMap { $0["client_id"]?.string.flatMap(Client.ID.init(parsing:)) }
        return ClientActivity(
            try await gatehouse.activity.ofClients(
                ids, in: tenant.id, since: occasion.now - .days(7)),
            at: occasion.now)
    }
}

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

    /// What counts as use.
    private static let uses: Set<Activity.Measure> = [.granted, .redeemed, .refreshed, .machine]

    /// Sign-ins, and tokens of machines, on each of the days, the oldest first.
    private func days(_ counts: [ActivityCount]) -> [Int] {
        let today = now.seconds / 86_400
        return (0..<7).map { back in
            let day = today - Int64(6 - back)
            return counts.filter { count in
                count.began.seconds / 86_400 == day
                    && [.redeemed, .machine].contains(count.measure)
            }.reduce(0) { $0 + Int($1.happened) }
        }
    }
}

extension PortalCall {
    /// What happened at the clients of a list; nil of a list of something else.
    func clientActivity(_ screen: PortalScreen, _ items: [JSONValue]) async throws
        -> ClientActivity?
    {
        guard screen.endpoint.operation == .listClients,
            let slug = place.tenant.flatMap(Slug.init(parsing:)),
            let tenant = try await gatehouse.tenants.find(slug)
        else { return nil }
        let ids = items.compactMap { $0["client_id"]?.string.flatMap(Client.ID.init(parsing:)) }
        return ClientActivity(
            try await gatehouse.activity.ofClients(ids, in: tenant.id, at: occasion.now),
            at: occasion.now)
    }
}

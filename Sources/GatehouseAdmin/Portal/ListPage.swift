import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb
import Hummingbird

extension PortalCall {
    /// How many of a kind stand on one page.
    private static let rows = 50

    /// Those of a kind, a page at a time, by the filters of its endpoint.
    func list(_ screen: PortalScreen, before more: HTML = "") async throws -> Response {
        let query = try query()
        let filters = try asked(screen)
        var values = try arguments(of: screen, filters)
        if screen.endpoint.isPaged {
            // One more than is shown, so that it is known whether there is another page.
            values.append(("limit", .integer(Int64(Self.rows + 1))))
            values.append(("after", query[.after].map { .string($0) }))
        }
        let outcome = try await perform(screen.endpoint.operation, values)
        let items = outcome.result.array ?? []
        var (shown, next) = (items, outcome.warnings.continuation)
        if screen.endpoint.isPaged, next == nil, items.count > Self.rows {
            shown = Array(items.prefix(Self.rows))
            next = shown.last?[screen.namingMember]?.string
        }
        var view = PortalListView(
            screen: screen, place: place, items: shown, filters: filters,
            next: next.flatMap { place.link(screen, Self.pairs(filters) + [("after", $0)]) },
            actions: allowed(screen.actions),
            actionsOnEach: allowed(screen.actionsOnEach))
        view.activity = try await clientActivity(screen, shown)
        view.isLive = query[.live] != nil && query[.after] == nil
        return page(screen.title, HTML([try news(), view.html, more]))
    }

    private static func pairs(_ form: FormParameters) -> [(String, String)] {
        form.pairs.map { ($0.name, $0.value) }
    }

    /// What was just done, if the address says so.
    func news() throws -> HTML {
        guard let name = try query()[.done].flatMap(Operation.Name.init(rawValue:)),
            let screen = PortalScreen.byOperation[name]
        else { return "" }
        return Alert.news("Done", "<p>\(screen.title).</p>")
    }
}

extension PortalScreen {
    /// By what a list can be narrowed.
    var filters: [Member] { endpoint.members.filter { $0.name != "limit" } }
}

extension ParameterName {
    /// The row after which the page begins.
    static let after = Self("after")
    /// Whether the page shows by itself what is new.
    static let live = Self("live")
    /// What was done by the page before.
    static let done = Self("done")
}

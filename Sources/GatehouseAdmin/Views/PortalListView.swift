import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb

/// Those of a kind in a table, with what narrows it and what can be done.
struct PortalListView: Sendable {
    let screen: PortalScreen
    let place: PortalPlace
    let items: [JSONValue]
    let filters: FormParameters
    /// The way to more rows; nil if there are none.
    let next: Link?
    let actions: [PortalScreen]
    let actionsOnEach: [PortalScreen]
    /// What happened at each, of a list of clients.
    var activity: ClientActivity?
    /// True if the page shows by itself what is new.
    var isLive = false

    var html: HTML {
        """
        <section class="hero">
        <h1>\(screen.title)</h1>
        <p class="lede">\(screen.sentence)</p>
        \(PortalActions.html(actions, at: place))
        </section>
        <section>
        \(search)
        \(ways)
        \(isLive ? "<div id=\"live\">\(items.isEmpty ? empty : table)</div>" : items.isEmpty ? empty : table)
        \(next.map { "<p><a class=\"button secondary\"\(href: $0) rel=\"next\">More</a></p>" as HTML })
        </section>
        """
    }

    private var empty: HTML {
        filters.pairs.isEmpty
            ? "<p class=\"empty\">There is none yet.</p>"
            : "<p class=\"empty\">Nothing is like that.</p>"
    }

    /// What else can be done with events: watched as they come, and taken along.
    private var ways: HTML? {
        guard screen.endpoint.operation == .listEvents, let here = place.link(screen) else {
            return nil
        }
        let kept = filters.pairs.map { ($0.name, $0.value) }
        let live = place.link(screen, kept + (isLive ? [] : [("live", "1")])) ?? here
        let times = kept.filter { ["since", "until"].contains($0.0) }
        let export = place.link(screen.path + "/export", times) ?? here
        let table = place.link(screen.path + "/export", times + [("format", "csv")]) ?? here
        return """
            <p class="parts">
            <a\(href: live)>\(isLive ? "Pause" : "Watch live")</a>
            <a\(href: export) download>Export as NDJSON</a>
            <a\(href: table) download>Export as CSV</a>
            \(isLive ? Self.again(place.link(screen, kept + [("live", "1")]) ?? here) : nil)
            </p>
            """
    }

    /// What is new comes by itself where scripts run; everywhere by this link.
    private static func again(_ link: Link) -> HTML {
        "<a\(href: link)>Look again</a> <span class=\"reading\">every 5 seconds by itself</span>"
    }

    // MARK: Narrowing

    private var search: HTML? {
        guard !screen.filters.isEmpty, let here = place.link(screen) else { return nil }
        let all: HTML? = filters.pairs.isEmpty ? nil : "<a\(href: here)>Show all</a>"
        return PortalQuestionView.form(of: screen, at: here, filters, button: "Search", all)
    }

    // MARK: Rows

    private var table: HTML {
        let columns = screen.endpoint.answer.shape?.columns ?? []
        let (each, value) = (screen.each, PortalValue(place: place))
        let hasActions = !actionsOnEach.isEmpty
        return DataTable(
            screen.title,
            columns: [screen.endpoint.answer.shape?.name == "Event" ? "What" : "Name"]
                + (activity == nil ? [] : ClientActivity.columns)
                + columns.map { PortalWords.label($0.name) } + (hasActions ? ["To do"] : []),
            rows: items.map { item in
                [head(item, each)] + (activity?.cells(of: item) ?? [])
                    + columns.map { value.html(item[$0.name], $0) }
                    + (hasActions ? [toDo(item)] : [])
            }
        ).html
    }

    private func head(_ item: JSONValue, _ each: PortalScreen?) -> HTML {
        let name = screen.endpoint.answer.shape?.headline(of: item) ?? ""
        let link = each.flatMap { each in
            place.naming(
                each.placeholders.last ?? "", item[screen.namingMember]?.string ?? ""
            ).link(each)
        }
        let shown: HTML =
            screen.endpoint.operation == .listEvents
            ? PortalValue.pieces(name) : "<bdi>\(name)</bdi>"
        return link.map { "<a\(href: $0)>\(shown)</a>" } ?? shown
    }

    private func toDo(_ item: JSONValue) -> HTML {
        PortalValue(place: place).toDo(
            item[screen.namingMember]?.string ?? "",
            called: screen.endpoint.answer.shape?.headline(of: item), actionsOnEach)
    }
}

/// Ways to what can be done, as a row of buttons.
enum PortalActions {
    static func html(_ screens: [PortalScreen], at place: PortalPlace) -> HTML? {
        let links = screens.compactMap { screen -> HTML? in
            place.link(screen).map { link in
                """
                <a class="button \(screen.makesNew ? "primary" : "secondary")"\(href: link)>\
                \(screen.words)</a>

                """
            }
        }
        return links.isEmpty ? nil : "<div class=\"row\">\(links)</div>"
    }
}

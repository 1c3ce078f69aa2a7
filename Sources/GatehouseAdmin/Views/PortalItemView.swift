import GatehouseCore
import GatehouseEncoding
import GatehouseWeb

/// One of a kind, with all that is known of it.
struct PortalItemView: Sendable {
    let screen: PortalScreen
    let place: PortalPlace
    let item: JSONValue
    let actions: [PortalScreen]
    let parts: [PortalScreen]

    /// What people call it.
    var title: String {
        screen.path.hasSuffix("}")
            ? screen.endpoint.answer.shape?.headline(of: item) ?? screen.title : screen.title
    }

    var html: HTML {
        """
        <section class="hero">
        \(PortalTrail(screen: screen, place: place).html)
        <h1><bdi>\(title)</bdi></h1>
        <p class="lede">\(screen.endpoint.answer.shape?.words ?? "")</p>
        \(state)
        \(PortalActions.html(actions, at: place))
        \(links)
        </section>
        <section>
        <h2>What is known</h2>
        \(facts)
        \(rest)
        </section>
        """
    }

    private var state: HTML? {
        guard let since = item["disabled_at"]?.string else { return nil }
        return "<p><strong>Disabled</strong> since \(PortalValue.time(since)).</p>"
    }

    /// The ways to what belongs to it, and to what happened to it.
    private var links: HTML? {
        var items = parts.compactMap { part in
            place.link(part).map { "<a\(href: $0)>\(part.title)</a> " as HTML }
        }
        if let activity { items.append("<a\(href: activity)>Activity</a>") }
        return items.isEmpty
            ? nil : "<nav class=\"parts\" aria-label=\"Belonging to it\">\(items)</nav>"
    }

    private var activity: Link? {
        guard place.tenant != nil, screen.path.hasSuffix("}"),
            let id = item["id"]?.string ?? item["client_id"]?.string,
            let events = PortalScreen.byOperation[.listEvents]
        else { return nil }
        return place.link(events, [("subject", id)])
    }

    private var facts: HTML {
        guard let object = item.object, let shape = screen.endpoint.answer.shape else { return "" }
        return PortalValue(place: place, screen: screen)
            .facts(object, shape, only: shape.parts.first)
    }

    private var rest: HTML? {
        guard let object = item.object, let shape = screen.endpoint.answer.shape,
            !shape.parts.rest.isEmpty
        else { return nil }
        let facts = PortalValue(place: place).facts(object, shape, only: shape.parts.rest)
        return "<details><summary>Everything else</summary>\(facts)</details>"
    }
}

/// The way back: the lists that the page is below.
struct PortalTrail: Sendable {
    let screen: PortalScreen
    let place: PortalPlace

    var html: HTML? {
        var links: [HTML] = []
        var path = PortalScreen.parent(of: screen.path)
        while !path.isEmpty {
            if let above = PortalScreen.looks[path], above.path != "tenants",
                above.path != "tenants/{tenant}", let link = place.link(above)
            {
                let name =
                    above.kind == .item
                    ? place[above.placeholders.last ?? ""] ?? above.title : above.title
                links.insert("<a\(href: link)><bdi>\(name)</bdi></a> › ", at: 0)
            }
            path = PortalScreen.parent(of: path)
        }
        return links.isEmpty ? nil : "<p class=\"trail\">\(links)</p>"
    }
}

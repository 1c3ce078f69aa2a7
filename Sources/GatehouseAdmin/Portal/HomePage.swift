import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb
import Hummingbird

extension PortalCall {
    /// Where the portal begins: the tenants that whoever looks administers.
    func home() async throws -> Response {
        let administrator = visit.administrator
        guard administrator.administersInstallation else {
            if administrator.tenants.count == 1, let id = administrator.tenants.first,
                let tenant = try await gatehouse.tenants.find(id),
                let link = place.naming("tenant", tenant.slug.text).link("tenants/{tenant}")
            {
                return .seeOther(link.target)
            }
            return page("Tenants", try await ownTenants().html)
        }
        guard let screen = PortalScreen.byOperation[.listTenants] else { throw PortalRefusal.stale }
        return try await list(screen, before: installation)
    }

    /// What runs here.
    private var installation: HTML {
        let facts = portal.facts
        return """
            <section>
            <h2>Installation</h2>
            <dl class="facts">
            <div><dt>Version</dt><dd>\(facts.version)</dd></div>
            <div><dt>Database</dt><dd>\(facts.database)</dd></div>
            \(facts.serving.map { "<div><dt>Started</dt><dd>\(CalendarTime($0.startedAt).words)</dd></div>" as HTML })
            </dl>
            </section>
            """
    }

    private func ownTenants() async throws -> PortalListView {
        guard let screen = PortalScreen.byOperation[.listTenants] else { throw PortalRefusal.stale }
        var items: [JSONValue] = []
        for id in visit.administrator.tenants {
            guard let tenant = try await gatehouse.tenants.find(id) else { continue }
            items.append(
                ["slug": .string(tenant.slug.text), "name": .string(tenant.name)])
        }
        return PortalListView(
            screen: screen, place: place, items: items, filters: .init([]), next: nil,
            actions: [], actionsOnEach: [])
    }
}

import GatehouseCore
import GatehouseProtocol
import GatehouseWeb

/// Asks what has to be said before something can be shown.
struct PortalQuestionView: Sendable {
    let screen: PortalScreen
    let place: PortalPlace
    let asked: FormParameters

    var html: HTML {
        """
        <section class="hero">
        <h1>\(screen.title)</h1>
        <p class="lede">\(screen.endpoint.summary)</p>
        </section>
        \(form)
        """
    }

    var form: HTML? {
        guard let here = place.link(screen) else { return nil }
        let fields = screen.filters.map { member in
            PortalField(
                member, value: asked.pairs.first { $0.name == member.name }?.value ?? "",
                isFilter: true
            ).html
        }
        return """
            <section>
            <form method="get"\(action: here) class="search">
            \(fields)
            <button type="submit" class="secondary">Look</button>
            </form>
            </section>
            """
    }
}

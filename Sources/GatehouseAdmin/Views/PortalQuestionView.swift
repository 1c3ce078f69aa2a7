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
        place.link(screen).map { here in
            "<section>\(Self.form(of: screen, at: here, asked, button: "Look"))</section>"
        }
    }

    /// The fields by which something is asked for, with what was asked.
    static func form(
        of screen: PortalScreen, at here: Link, _ asked: FormParameters, button: HTML,
        _ other: HTML? = nil
    ) -> HTML {
        let fields = screen.filters.map { member in
            PortalField(
                member, value: asked.pairs.first { $0.name == member.name }?.value ?? "",
                isFilter: true
            ).html
        }
        return """
            <form method="get"\(action: here) class="search" role="search">
            \(fields)
            <button type="submit" class="secondary">\(button)</button>
            \(other)
            </form>
            """
    }
}

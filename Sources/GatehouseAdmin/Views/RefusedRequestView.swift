import GatehouseCore
import GatehouseEncoding
import GatehouseWeb

/// An authorization request that was refused.
struct RefusedRequestView: Sendable {
    let screen: PortalScreen
    let place: PortalPlace
    let request: JSONValue
    /// Registers the address that was sent; nil where that does not help, or may not be done.
    let mending: PostForm?

    var html: HTML {
        """
        <section class="hero">
        \(PortalTrail(screen: screen, place: place).html)
        <h1>Refused request</h1>
        <p class="lede">Rule <code>\(request["rule"]?.string ?? "")</code>, \
        \(value.html(request["occurred_at"], .time)).</p>
        <p>\(request["advice"]?.string ?? "")</p>
        </section>
        \(difference)
        <section>
        <h2>What was sent</h2>
        \(value.html(request["sent"], .describedNames))
        </section>
        <section>
        <h2>What is registered</h2>
        \(value.html(request["registered"], .texts))
        <dl class="facts of-portal">
        <div><dt>Client</dt><dd>\(value.html(request["client"], .text))</dd></div>
        <div><dt>Told to the client</dt><dd>\(value.html(request["error"], .text))</dd></div>
        <div><dt>Incident</dt><dd><code class="copy">\(request["incident"]?.string ?? "")</code></dd></div>
        </dl>
        </section>
        """
    }

    private var value: PortalValue { PortalValue(place: place) }

    /// The address that was sent against the one that is most like it.
    private var difference: HTML? {
        guard let sent = request["sent"]?["redirect_uri"]?.string,
            let nearest = request["nearest"]?.string
        else { return nil }
        let difference = TextDifference(sent: sent, registered: nearest)
        return """
            <section>
            <h2>Where they differ</h2>
            <dl class="values">
            <dt>Sent</dt><dd><code>\(difference.sentHTML)</code></dd>
            <dt>Registered</dt><dd><code>\(difference.registeredHTML)</code></dd>
            </dl>
            <p>\(difference.sentence)</p>
            \(mending.map { mending in
                """
                <p>If the address that was sent is yours, register it as well. If you do not know it,
                somebody may be trying to have your users’ codes sent to themselves.</p>
                \(mending.html(
                    class: "row",
                    "<button type=\"submit\" class=\"primary\">Register the address that was sent</button>"))
                """ as HTML
            })
            </section>
            """
    }
}

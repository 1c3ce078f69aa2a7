import GatehouseEncoding
import GatehouseWeb

/// What came of something that is told once: a secret, or a warning.
struct PortalSecretView: Sendable {
    let title: String
    let place: PortalPlace
    let result: JSONValue
    let shape: Shape?
    let secret: JSONObject.Member?
    let warnings: [String]
    let onward: Link

    /// The members that are secrets, shown here and nowhere else.
    static let names: Set<String> = [
        "client_secret", "administrator_key", "api_key", "initial_access_token", "url",
    ]

    var html: HTML {
        """
        <section class="hero">
        <h1>Done</h1>
        <p class="lede">\(title).</p>
        </section>
        \(warnings.map { Alert.note("\($0)") })
        \(secret.map(shown))
        <section>
        \(facts)
        <p><a class="button primary"\(href: onward)>\(secret == nil ? "Go on" : "I saved it")</a></p>
        </section>
        """
    }

    private func shown(_ secret: JSONObject.Member) -> HTML {
        """
        <section>
        <h2>\(PortalWords.label(secret.name))</h2>
        <p>It is shown once, here. Only its digest is kept, so nobody can show it again.</p>
        <p class="token"><code class="copy">\(secret.value.string ?? "")</code></p>
        </section>
        """
    }

    private var facts: HTML? {
        guard var object = result.object, let shape else { return nil }
        for name in Self.names { object.remove(name) }
        return PortalValue(place: place).facts(object, shape)
    }
}

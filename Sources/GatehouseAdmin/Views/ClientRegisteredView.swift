import GatehouseWeb

/// What came of the wizard: the id, the secret once, and the way on.
struct ClientRegisteredView: Sendable {
    let name: String
    let clientID: String
    /// Nil for what keeps none.
    let secret: String?
    /// The file `.env` with all that the app has to know.
    let environment: String
    let warnings: [String]
    /// Where code and settings are.
    let next: Link
    let download: PostForm

    var html: HTML {
        """
        <section class="hero">
        <h1>Registered: <bdi>\(name)</bdi></h1>
        <p class="lede">\(secret == nil ? Self.without : Self.with)</p>
        </section>
        \(warnings.map { Alert.note("\($0)") })
        <section>
        <h2>Client id</h2>
        <p class="token"><code class="copy">\(clientID)</code></p>
        \(secret.map(shown))
        \(file)
        <p><a class="button primary"\(href: next)>\(secret == nil ? "Go on" : "I saved it")</a></p>
        </section>
        """
    }

    private static let with: HTML = """
        The secret is shown once, here. Only its digest is kept, so nobody can show it again.
        """
    private static let without: HTML = "It keeps no secret: what runs at people’s hands cannot."

    private func shown(_ secret: String) -> HTML {
        """
        <h2>Client secret</h2>
        <p class="token"><code class="copy" id="client-secret">\(secret)</code></p>
        """
    }

    private var file: HTML {
        """
        <h2>.env</h2>
        <pre><code class="copy">\(environment)</code></pre>
        \(download.html(
            class: "row",
            """
            <input type="hidden" name="content" value="\(environment)">
            <button type="submit" class="secondary">Download .env</button>
            """))
        """
    }
}

import GatehouseCore
import GatehouseEncoding
import GatehouseWeb

/// How an app is connected: code with real values, settings, a prompt, and whether it worked.
struct IntegrationView: Sendable {
    let screen: PortalScreen
    let place: PortalPlace
    let integration: JSONValue
    /// Which snippet is shown.
    let chosen: String?
    let name: String
    /// The way to the application itself, where a sign-in begins; nil if it is not known.
    let application: Link?
    /// When somebody first signed in; nil if nobody has.
    let finished: JSONValue?

    var html: HTML {
        """
        <section class="hero">
        \(PortalTrail(screen: screen, place: place).html)
        <h1>Connect <bdi>\(name)</bdi></h1>
        <p class="lede">Paste this into your app. The secret is in none of it: it is read from the
        environment.</p>
        </section>
        <section id="finish">\(finish)</section>
        <section>
        <h2>Code</h2>
        <nav class="parts" aria-label="Frameworks">\(snippets.map(tab))</nav>
        \(snippet.map(shown))
        </section>
        <section>
        <h2>Settings</h2>
        <pre><code class="copy">\(text("env"))</code></pre>
        <p>What libraries find by themselves: <code class="copy">\(text("discovery"))</code></p>
        </section>
        <section>
        <h2>For an assistant that writes code</h2>
        <details><summary>The prompt</summary>
        <pre><code class="copy">\(text("prompt"))</code></pre></details>
        <p>Then check the registration: <code class="copy">\(text("check"))</code></p>
        </section>
        """
    }

    private func text(_ name: String) -> String { integration[name]?.string ?? "" }

    // MARK: The finish line

    private var finish: HTML {
        guard let finished else {
            return """
                <h2>Waiting for the first sign-in</h2>
                <p class="waiting">Start your app and sign in. This turns green when its first tokens
                were issued.</p>
                <p class="row">\(application.map {
                    "<a class=\"button primary\"\(href: $0) rel=\"noreferrer\">Try it now</a> " as HTML
                })<a class="button secondary"\(href: here)>Look again</a></p>
                """
        }
        return """
            <h2>It works</h2>
            <p class="reached"><strong>First sign-in</strong> at \
            \(PortalValue(place: place).html(finished["occurred_at"], .time)).</p>
            """
    }

    private var here: Link {
        place.link(screen, chosen.map { [("with", $0)] } ?? []) ?? "/"
    }

    // MARK: Code

    private var snippets: [JSONValue] { integration["snippets"]?.array ?? [] }

    private var snippet: JSONValue? {
        snippets.first { $0["id"]?.string == chosen } ?? snippets.first
    }

    private func tab(_ item: JSONValue) -> HTML {
        let id = item["id"]?.string ?? ""
        guard let link = place.link(screen, [("with", id)]) else { return "" }
        let isHere = id == snippet?["id"]?.string
        return """
            <a\(href: link)\(attribute: "aria-current", isHere ? "page" : nil)>\
            \(item["title"]?.string ?? id)</a>

            """
    }

    private func shown(_ item: JSONValue) -> HTML {
        let install = item["install"]?.string ?? ""
        let notes = item["notes"]?.strings ?? []
        return """
            \(install.isEmpty ? nil : "<p><code class=\"copy\">\(install)</code></p>" as HTML)
            <h3>\(item["file"]?.string ?? "")</h3>
            <pre><code class="copy">\(item["code"]?.string ?? "")</code></pre>
            \(notes.isEmpty ? nil : "<ul>\(notes.map { "<li>\($0)</li>" as HTML })</ul>" as HTML)
            """
    }
}

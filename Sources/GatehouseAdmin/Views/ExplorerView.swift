import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes

/// The admin API on a page: what there is, what it takes, and how it is called.
struct ExplorerView: Sendable {
    let frame: PageFrame
    let base: BaseURL

    var document: PageDocument {
        PageDocument(
            frame, title: "Admin API", layout: .wide,
            body: """
                <section class="hero">
                <h1>Admin API</h1>
                <p>What operators do, for programs at a distance. Each request carries an administrator
                key, which <code>gatehouse admin key create</code> makes:</p>
                <pre><code>curl -H "Authorization: Bearer $GATEHOUSE_ADMINISTRATOR_KEY" \
                \(base.text + "/api/v1/me")</code></pre>
                <p>The contract for programs is
                <a\(href: link("openapi.json"))>openapi.json</a>.</p>
                <nav aria-label="Nouns"><ul class="chips">\(tags.map(chip))</ul></nav>
                </section>
                \(tags.map(section))
                <section>
                <h2 id="problems">Problems</h2>
                <p>What is not done is answered with a problem (RFC 9457). Its <code>code</code> is a
                promise; its <code>detail</code> is for people.</p>
                \(problems)
                </section>
                """)
    }

    private func link(_ place: String) -> Link { Link(path: base.path + "/api/v1/" + place) ?? "/" }

    /// The nouns, in the order of the endpoints.
    private var tags: [String] {
        AdminEndpoint.all.map(\.tag).reduce(into: []) { tags, tag in
            if !tags.contains(tag) { tags.append(tag) }
        }
    }

    private func chip(_ tag: String) -> HTML {
        "<li><a\(href: link("docs#" + tag))>\(Self.words(tag))</a></li>"
    }

    /// The noun as people write it.
    private static func words(_ tag: String) -> String {
        let known = [
            "admin": "Administration", "api_key": "API keys", "backchannel": "Questions elsewhere",
            "client": "Clients", "consent": "Consents", "domain": "Domains", "key": "Signing keys",
            "organization": "Organizations", "refused_request": "Refused requests",
            "registration": "Registration", "resource": "Resources", "session": "Sessions",
            "tenant": "Tenants", "trusted_issuer": "Trusted issuers", "user": "Users",
            "audit": "Audit",
        ]
        return known[tag] ?? tag.replacing("_", with: " ")
    }

    private func section(_ tag: String) -> HTML {
        """
        <section>
        <h2 id="\(tag)">\(Self.words(tag))</h2>
        \(AdminEndpoint.all.filter { $0.tag == tag }.map(Self.endpoint))
        </section>
        """
    }

    private static func endpoint(_ endpoint: AdminEndpoint) -> HTML {
        """
        <details>
        <summary><code>\(endpoint.method.rawValue) /\(endpoint.path)</code>
        <span>\(endpoint.summary)</span></summary>
        <p>Needs the role <strong>\(endpoint.power.leastRole.rawValue)</strong>\
        \(endpoint.concernsInstallation ? ", for the whole installation" : "").</p>
        \(endpoint.members.isEmpty ? "" : takes(endpoint))
        \(endpoint.answer.shape.map(answers))
        </details>
        """
    }

    private static func takes(_ endpoint: AdminEndpoint) -> HTML {
        let title = endpoint.takesBody ? "In the body" : "In the query"
        return """
            <h3>\(title)</h3>
            \(DataTable(
                title, columns: ["Name", "What it must be", "What it is"],
                rows: endpoint.members.map { member in
                    [
                        "<code>\(member.name)</code>",
                        "\(member.kind.rule)\(member.isRequired ? "; required" : "")",
                        "\(member.words)",
                    ]
                }, layout: .claims
            ).html)
            """
    }

    private static func answers(_ shape: Shape) -> HTML {
        """
        <h3>In the answer</h3>
        \(DataTable(
            shape.name, columns: ["Name", "What it may be", "What it is"],
            rows: shape.fields.map { field in
                ["<code>\(field.name)</code>", "\(field.rule)", "\(field.words)"]
            }, layout: .claims
        ).html)
        """
    }

    private var problems: HTML {
        DataTable(
            "Problems", columns: ["Code", "Status", "What it says"],
            rows: Problem.Code.allCases.map { code in
                [
                    "<code id=\"problem-\(code.rawValue)\">\(code.rawValue)</code>",
                    "\(code.status.code)", "\(code.title)",
                ]
            }, layout: .claims
        ).html
    }
}

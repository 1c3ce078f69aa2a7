package import GatehouseWeb

/// The page of the API keys of an organization, and of its members in it.
///
/// It sends `change`, `account` and `csrf`, and `name`, `resource`, `scopes` and `days` to make one,
/// or the `key` to revoke.
package struct OrganizationKeysView: Sendable {
    /// What stands around the content.
    package var page: OrganizationFrame
    /// A key that was just made.
    package var made: Made?
    /// The keys, oldest first.
    package var keys: [Row]
    /// The way to more of them.
    package var more: Link?
    /// What stands in the form.
    package var typed: Typed

    /// A key that was just made; nobody is shown its secret again.
    package struct Made: Sendable, Hashable {
        package var name: String
        package var secret: String

        /// A key.
        package init(name: String, secret: String) {
            self.name = name
            self.secret = secret
        }
    }

    /// One key.
    package struct Row: Sendable, Hashable {
        package var id: String
        package var name: String
        /// How it begins.
        package var beginning: String
        /// The member whose it is; nil if it is the organization's own.
        package var member: AccountLabel?
        package var scopes: [String]
        package var made: ApplicationsView.Moment
        package var until: ApplicationsView.Moment?
        package var lastUse: ApplicationsView.Moment?
        /// True if whoever is signed in may revoke it.
        package var mayRevoke: Bool

        /// A key.
        package init(
            id: String, name: String, beginning: String, member: AccountLabel?, scopes: [String],
            made: ApplicationsView.Moment, until: ApplicationsView.Moment?,
            lastUse: ApplicationsView.Moment?, mayRevoke: Bool
        ) {
            self.id = id
            self.name = name
            self.beginning = beginning
            self.member = member
            self.scopes = scopes
            self.made = made
            self.until = until
            self.lastUse = lastUse
            self.mayRevoke = mayRevoke
        }
    }

    /// What stands in the form to make a key.
    package struct Typed: Sendable, Hashable {
        package var name: String
        package var scopes: String
        package var days: String
        package var resources: [MemberView.Choice]

        /// What stands there.
        package init(
            name: String, scopes: String, days: String, resources: [MemberView.Choice]
        ) {
            self.name = name
            self.scopes = scopes
            self.days = days
            self.resources = resources
        }
    }

    /// The page.
    package init(
        page: OrganizationFrame, made: Made?, keys: [Row], more: Link?, typed: Typed
    ) {
        self.page = page
        self.made = made
        self.keys = keys
        self.more = more
        self.typed = typed
    }

    /// The whole page.
    package var document: PageDocument {
        page.document(
            "API keys",
            """
            \(made.map(news))
            <section>
            <h2>The keys</h2>
            \(keys.isEmpty ? Self.none : table)
            \(OrganizationFrame.more(more))
            </section>
            \(page.showsForms ? create : nil)
            """)
    }

    private static let none: HTML = "<p class=\"empty\">There are none.</p>"

    private func news(_ made: Made) -> HTML {
        Alert.news(
            "The key is made. Copy it now: it is not shown again.",
            """
            <p><bdi>\(made.name)</bdi></p>
            <p class="token"><code class="copy">\(made.secret)</code></p>
            """)
    }

    private var table: HTML {
        DataTable(
            "The API keys",
            columns: [
                "Name", "Begins with", "Of", "May", "Made", "Good until", "Last used", "Change",
            ],
            rows: keys.map { row in
                let scopes = row.scopes.isEmpty ? "nothing" : row.scopes.joined(separator: " ")
                return [
                    "<bdi>\(row.name)</bdi>", "<code>\(row.beginning)…</code>",
                    row.member.map { "<bdi>\($0.signInName)</bdi>" } ?? "the organization",
                    "<bdi>\(scopes)</bdi>",
                    row.made.html, row.until?.html ?? "it is revoked", row.lastUse?.html ?? "never",
                    button(row),
                ]
            }
        ).html
    }

    private func button(_ row: Row) -> HTML {
        guard page.isFresh, row.mayRevoke else { return "–" }
        return page.button(
            "Revoke<span class=\"unseen\"> \(row.name)</span>", .revoke, of: row.id, named: "key")
    }

    private var create: HTML {
        guard !typed.resources.isEmpty else {
            return """
                <section>
                <p class="hint">There is no API that a key could be for.</p>
                </section>
                """
        }
        return """
            <section>
            <h2>Make a key of the organization</h2>
            <p>A program acts by it for the organization, whoever made it. It can do no more than \
            you can, or than the roles allow that you can give.</p>
            \(page.form.html(fields))
            </section>
            """
    }

    private var fields: HTML {
        """
        \(field("name", "Name", typed.name, problem: .name).html)
        \(page.note == .problem(.resources) ? wrong(.resources) : nil)
        \(TickList("resource", "For which APIs", typed.resources).html)
        \(scopes.html)
        \(days.html)
        <div class="row">
        \(OrganizationFrame.submit("Make the key", .create, isPrimary: true))
        </div>
        """
    }

    private func wrong(_ problem: OrganizationNote.Problem) -> HTML {
        "<p class=\"wrong\">\(problem.field)</p>"
    }

    private var scopes: TextField {
        var field = field("scopes", "Scopes", typed.scopes, problem: .scopes)
        field.hint = "Such as invoices:read invoices:write"
        field.isRequired = false
        return field
    }

    private var days: TextField {
        var field = field("days", "For how many days", typed.days, problem: .days)
        field.hint = "Without a number it is good until it is revoked."
        field.isRequired = false
        return field
    }

    private func field(
        _ name: String, _ label: String, _ value: String, problem: OrganizationNote.Problem
    ) -> TextField {
        var field = TextField(name: name, label: label, kind: .text, autocomplete: "off")
        field.value = value
        if page.note == .problem(problem) { field.problem = problem.field }
        return field
    }
}

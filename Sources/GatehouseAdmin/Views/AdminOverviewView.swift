package import GatehouseWeb

/// The first page of the administration: the instance, its tenants, what happened last.
package struct AdminOverviewView: Sendable {
    /// What the page shares with the rest of its site.
    package var frame: PageFrame
    /// The running server.
    package var instance: Instance
    /// The tenants, by name.
    package var tenants: [TenantRow]
    /// The last events, newest first.
    package var events: [EventRow]
    /// Ends the administrator's session in this browser.
    package var signOut: PostForm?

    /// The running server.
    package struct Instance: Sendable, Hashable {
        /// Its version.
        package var version: String
        /// The kind of its database: `SQLite 3.46.1`.
        package var database: String
        /// When it was started, for people.
        package var started: String

        /// The running server.
        package init(version: String, database: String, started: String) {
            self.version = version
            self.database = database
            self.started = started
        }
    }

    /// A tenant in the table.
    package struct TenantRow: Sendable, Hashable {
        /// Its display name.
        package var name: String
        /// Its slug.
        package var slug: String
        /// Its primary issuer.
        package var issuer: String
        /// How many users it has.
        package var users: Int
        /// How many clients it has.
        package var clients: Int
        /// Whether it answers.
        package var isActive: Bool

        /// A tenant.
        package init(
            name: String, slug: String, issuer: String, users: Int, clients: Int,
            isActive: Bool = true
        ) {
            self.name = name
            self.slug = slug
            self.issuer = issuer
            self.users = users
            self.clients = clients
            self.isActive = isActive
        }
    }

    /// An event in the table.
    package struct EventRow: Sendable, Hashable {
        /// When it happened, for people.
        package var time: String
        /// The slug of the tenant, or nothing for the instance.
        package var tenant: String?
        /// What happened: `session.started`.
        package var type: String
        /// Who did it.
        package var actor: String?
        /// To whom or to what.
        package var subject: String?

        /// An event.
        package init(
            time: String, tenant: String?, type: String, actor: String?, subject: String?
        ) {
            self.time = time
            self.tenant = tenant
            self.type = type
            self.actor = actor
            self.subject = subject
        }
    }

    /// The page.
    package init(
        frame: PageFrame, instance: Instance, tenants: [TenantRow], events: [EventRow],
        signOut: PostForm?
    ) {
        self.frame = frame
        self.instance = instance
        self.tenants = tenants
        self.events = events
        self.signOut = signOut
    }

    /// The whole page.
    package var document: PageDocument {
        PageDocument(
            frame, title: "Overview", layout: .wide,
            body: """
                <section class="hero">
                <h1>Overview</h1>
                <dl class="facts">
                <div><dt>Version</dt><dd>\(instance.version)</dd></div>
                <div><dt>Database</dt><dd>\(instance.database)</dd></div>
                <div><dt>Started</dt><dd>\(instance.started)</dd></div>
                </dl>
                \(signOut?.button("Sign out"))
                </section>
                <section>
                <h2>Tenants</h2>
                \(tenants.isEmpty ? Self.noTenants : tenantTable)
                </section>
                <section>
                <h2>Last events</h2>
                \(events.isEmpty ? "<p class=\"empty\">Nothing has happened yet.</p>" : eventTable)
                </section>
                """)
    }

    private static var noTenants: HTML {
        """
        <p class="empty">There is no tenant yet. Create one on the server with
        <code>gatehouse tenant create</code>.</p>
        """
    }

    private var tenantTable: HTML {
        DataTable(
            "Tenants", columns: ["Name", "Slug", "Issuer", "Users", "Clients", "State"],
            rows: tenants.map {
                [
                    "<bdi>\($0.name)</bdi>", "<code>\($0.slug)</code>",
                    "<code>\($0.issuer)</code>", "\($0.users)", "\($0.clients)",
                    $0.isActive ? "Active" : "<strong>Disabled</strong>",
                ]
            }
        ).html
    }

    private var eventTable: HTML {
        DataTable(
            "Last events", columns: ["Time", "Tenant", "What", "By", "To"],
            rows: events.map {
                [
                    "<span class=\"time\">\($0.time)</span>",
                    $0.tenant.map { "<code>\($0)</code>" } ?? "instance",
                    "<code>\($0.type)</code>", Self.cell($0.actor), Self.cell($0.subject),
                ]
            }
        ).html
    }

    private static func cell(_ text: String?) -> HTML {
        text.map { "<code>\($0)</code>" } ?? "–"
    }
}

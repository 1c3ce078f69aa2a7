package import GatehouseWeb

/// The page of what the members of an organization allowed applications in its name.
///
/// It sends `change`, `consent`, `account` and `csrf`.
package struct OrganizationApplicationsView: Sendable {
    /// What stands around the content.
    package var page: OrganizationFrame
    /// What was allowed, oldest first.
    package var applications: [Row]
    /// The way to more.
    package var more: Link?

    /// What one member allowed one application.
    package struct Row: Sendable, Hashable {
        package var application: ApplicationsView.Application
        package var member: AccountLabel
        /// True if whoever is signed in may take it back.
        package var mayTakeBack: Bool

        /// What one member allowed.
        package init(
            application: ApplicationsView.Application, member: AccountLabel, mayTakeBack: Bool
        ) {
            self.application = application
            self.member = member
            self.mayTakeBack = mayTakeBack
        }
    }

    /// The page.
    package init(page: OrganizationFrame, applications: [Row], more: Link?) {
        self.page = page
        self.applications = applications
        self.more = more
    }

    /// The whole page.
    package var document: PageDocument {
        page.document(
            "Applications",
            """
            \(applications.isEmpty ? Self.none : HTML(applications.map(section)))
            \(more.map { "<section>\(OrganizationFrame.more($0))</section>" as HTML })
            """)
    }

    private static let none: HTML = """
        <section>
        <p class="empty">No member has allowed an application of others anything in the name of the \
        organization.</p>
        </section>
        """

    private func section(_ row: Row) -> HTML {
        let name: HTML = "<bdi>\(row.application.name)</bdi>"
        return """
            <section>
            <h2>\(row.application.logo?.html)\(name) for \(row.member.short)</h2>
            \(row.application.facts(allowedBy: row.member))
            <details>
            <summary>What it may do<span class="unseen"> for \(row.member.signInName)</span></summary>
            \(ConsentGroups(allowed: row.application.groups).html)
            </details>
            \(button(row))
            </section>

            """
    }

    private func button(_ row: Row) -> HTML? {
        guard page.isFresh else { return nil }
        guard row.mayTakeBack else {
            return "<p class=\"hint\">This member is an owner. Only an owner can take it back.</p>"
        }
        return page.button(
            """
            Take it back<span class="unseen"> from \(row.application.name) \
            for \(row.member.signInName)</span>
            """, .revoke, of: row.application.consent, named: "consent")
    }
}

package import GatehouseWeb

/// The page of somebody who is no member of an organization, or no more.
package struct MemberGoneView: Sendable {
    /// What stands around the content.
    package var page: OrganizationFrame
    /// The way to the members.
    package var all: Link

    /// The page.
    package init(page: OrganizationFrame, all: Link) {
        self.page = page
        self.all = all
    }

    /// The whole page.
    package var document: PageDocument {
        page.document(
            "No member",
            """
            <section>
            <p>The organization has no such member.</p>
            \(NamedLink("Members", all).button)
            </section>
            """)
    }
}

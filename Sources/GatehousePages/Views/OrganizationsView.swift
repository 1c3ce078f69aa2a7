package import GatehouseWeb

/// The page that lists the organizations that somebody administers.
package struct OrganizationsView: Sendable {
    /// What stands around the content.
    package var page: OwnPageFrame
    /// The organizations, by name.
    package var organizations: [Organization]

    /// One organization.
    package struct Organization: Sendable, Hashable {
        /// Its name.
        package var name: String
        /// True if whoever is signed in owns it.
        package var isOwner: Bool
        /// Where it is managed.
        package var link: Link

        /// An organization.
        package init(name: String, isOwner: Bool, link: Link) {
            self.name = name
            self.isOwner = isOwner
            self.link = link
        }
    }

    /// The page.
    package init(page: OwnPageFrame, organizations: [Organization]) {
        self.page = page
        self.organizations = organizations
    }

    /// The whole page.
    package var document: PageDocument {
        page.document(
            .init(
                title: "Your organizations", lede: "Organizations that you manage.",
                signIn: "Sign in to see them."),
            tone: .plain, news: nil,
            content: organizations.isEmpty
                ? "<p>You manage none.</p>" : "<ul>\(organizations.map(item))</ul>")
    }

    private func item(_ organization: Organization) -> HTML {
        """
        <li><a\(href: organization.link)><bdi>\(organization.name)</bdi></a> \
        <span class="optional">\(organization.isOwner ? "owner" : "admin" as HTML)</span></li>

        """
    }
}

/// The page for whoever asks for an organization that they do not administer, or that nobody does.
package struct UnknownOrganizationView: Sendable {
    /// What stands around the content.
    package var page: OwnPageFrame
    /// The way to all organizations that they administer.
    package var all: Link

    /// The page.
    package init(page: OwnPageFrame, all: Link) {
        self.page = page
        self.all = all
    }

    /// The whole page.
    package var document: PageDocument {
        page.document(
            .init(
                title: "You manage no such organization",
                lede: "Either there is none at this address, or it is managed by others.",
                signIn: "Sign in to go on."),
            tone: .problem, news: nil,
            content: """
                <p>Ask one of its owners, or sign in with another account.</p>
                \(NamedLink("Your organizations", all).button)
                \(page.form.html(Self.button))
                """)
    }

    private static let button: HTML =
        "<button type=\"submit\" class=\"secondary\">Sign in with another account</button>"
}

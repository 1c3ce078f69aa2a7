package import GatehouseWeb

/// The page that offers the organizations in which a person can go on.
///
/// Each has a button, which sends `chosen_organization` and `csrf`.
package struct ChooseOrganizationView: Sendable {
    /// What the page shares with the rest of its site.
    package var frame: PageFrame
    /// Where the choice is sent.
    package var form: PostForm
    /// What the person signs in to.
    package var application: ApplicationLabel?
    /// Whose organizations they are.
    package var account: AccountLabel
    /// The way to go on as somebody else.
    package var otherAccount: Link
    /// The organizations, oldest first.
    package var organizations: [Choice]

    /// One organization.
    package struct Choice: Sendable, Hashable {
        /// What is sent for it.
        package var id: String
        /// What people see.
        package var name: String
        /// Its logo, if it has one.
        package var logo: LogoImage?

        /// A choice.
        package init(id: String, name: String, logo: LogoImage? = nil) {
            self.id = id
            self.name = name
            self.logo = logo
        }
    }

    /// The page.
    package init(
        frame: PageFrame, form: PostForm, application: ApplicationLabel?, account: AccountLabel,
        otherAccount: Link, organizations: [Choice]
    ) {
        self.frame = frame
        self.form = form
        self.application = application
        self.account = account
        self.otherAccount = otherAccount
        self.organizations = organizations
    }

    /// The whole page.
    package var document: PageDocument {
        PageDocument(
            frame, title: "Choose an organization",
            body: """
                <h1>Choose an organization</h1>
                \(application?.lede("to continue to"))
                \(account.card)
                \(form.html("\(organizations.map(\.html))"))
                <p class="other"><a\(href: otherAccount)>Use another account</a></p>
                """)
    }
}

extension ChooseOrganizationView.Choice {
    fileprivate var html: HTML {
        """
        <button type="submit" class="secondary" name="chosen_organization" \
        value="\(id)">\(logo?.html)<bdi>\(name)</bdi></button>

        """
    }
}

package import GatehouseWeb

/// The first page of an organization that somebody administers: its name, and who owns it.
///
/// It sends `change`, `name`, `account` and `csrf`.
package struct OrganizationOverviewView: Sendable {
    /// What stands around the content.
    package var page: OrganizationFrame
    /// The id of the organization.
    package var id: String
    /// What addresses call it.
    package var slug: String
    /// Whether somebody found it to be who it says.
    package var publisher: Publisher
    /// Who owns it.
    package var owners: [MemberRow]
    /// A name that was typed and not taken.
    package var typed: String?

    /// Whether somebody found an organization to be who its name says.
    package enum Publisher: Sendable, Hashable {
        case unchecked
        case checked
        /// Under another name.
        case renamed
    }

    /// The page.
    package init(
        page: OrganizationFrame, id: String, slug: String, publisher: Publisher,
        owners: [MemberRow], typed: String?
    ) {
        self.page = page
        self.id = id
        self.slug = slug
        self.publisher = publisher
        self.owners = owners
        self.typed = typed
    }

    /// The whole page.
    package var document: PageDocument {
        page.document(
            "Organization",
            """
            <section>
            <h2>What it is called</h2>
            <dl class="facts">
            <div><dt>Name</dt><dd><bdi>\(page.organization)</bdi></dd></div>
            <div><dt>Slug</dt><dd><bdi dir="ltr">\(slug)</bdi></dd></div>
            <div><dt>Id</dt><dd><code>\(id)</code></dd></div>
            </dl>
            <p class="hint">\(publisher.words)</p>
            \(page.showsForms ? page.form.html(fields) : nil)
            </section>
            <section>
            <h2>Who owns it</h2>
            \(owners.isEmpty ? Self.noOwner : MemberRow.table("The owners", owners))
            </section>
            """)
    }

    private static let noOwner: HTML = "<p class=\"empty\">Nobody does.</p>"

    private var fields: HTML {
        var name = TextField(
            name: "name", label: "New name", kind: .text, autocomplete: "organization")
        name.value = typed ?? page.organization
        name.hint = publisher == .checked ? Self.warning : nil
        if page.note == .problem(.name) { name.problem = OrganizationNote.Problem.name.field }
        return """
            \(name.html)
            <div class="row">\(OrganizationFrame.submit("Rename", .rename))</div>
            """
    }

    private static let warning: HTML =
        "Under another name nobody has checked who the organization is."
}

extension OrganizationOverviewView.Publisher {
    fileprivate var words: HTML {
        switch self {
        case .checked:
            "The people who run this site checked that the organization is who its name says."
        case .unchecked: "Nobody here has checked that the organization is who its name says."
        case .renamed:
            """
            Who the organization is was checked under another name. Under this one nobody has \
            looked yet.
            """
        }
    }
}

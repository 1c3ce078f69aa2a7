package import GatehouseWeb

/// The pages on which members administer an organization.
package enum OrganizationPart: String, Sendable, Hashable, CaseIterable {
    case overview
    case members
    case invitations
    case applications
    case keys

    /// What links call it.
    fileprivate var words: HTML {
        switch self {
        case .overview: "Organization"
        case .members: "Members"
        case .invitations: "Invitations"
        case .applications: "Applications"
        case .keys: "API keys"
        }
    }
}

/// The name and values by which a page of an organization says which of its buttons was pressed.
package enum OrganizationButton: String, Sendable {
    /// The name under which it is sent.
    package static let field = "change"

    case rename
    case save
    case suspend
    case resume
    case remove
    case join
    case leave
    case invite
    case resend
    case revoke
    case create
}

/// What stands around the content of a page on which members administer an organization.
package struct OrganizationFrame: Sendable {
    /// What the page shares with the rest of its site.
    package var frame: PageFrame
    /// Which page it is.
    package var part: OrganizationPart
    /// The name of the organization.
    package var organization: String
    /// Who is signed in.
    package var account: AccountLabel
    /// True if they own the organization.
    package var isOwner: Bool
    /// The way to each page.
    package var links: [PartLink]
    /// The way to all organizations that they administer.
    package var all: Link
    /// Where the changes of the page are sent.
    package var form: PostForm
    /// Leads to signing in again.
    package var signIn: PostForm
    /// True if they signed in a short while ago, and may change things.
    package var isFresh: Bool
    /// What came of what was just asked.
    package var note: OrganizationNote?

    /// The way to one page.
    package struct PartLink: Sendable, Hashable {
        package var part: OrganizationPart
        package var link: Link

        /// A way.
        package init(part: OrganizationPart, link: Link) {
            self.part = part
            self.link = link
        }
    }

    /// What stands around a page.
    package init(
        frame: PageFrame, part: OrganizationPart, organization: String, account: AccountLabel,
        isOwner: Bool, links: [PartLink], all: Link, form: PostForm, signIn: PostForm,
        isFresh: Bool, note: OrganizationNote?
    ) {
        self.frame = frame
        self.part = part
        self.organization = organization
        self.account = account
        self.isOwner = isOwner
        self.links = links
        self.all = all
        self.form = form
        self.signIn = signIn
        self.isFresh = isFresh
        self.note = note
    }

    /// True if the page shows what changes something.
    ///
    /// Whoever sent a form too late sees it again, with what they typed.
    var showsForms: Bool { isFresh || note == .problem(.stale) }

    /// The whole page around its sections.
    func document(_ title: String, _ sections: HTML) -> PageDocument {
        PageDocument(
            frame, title: "\(title) – \(organization)",
            tone: note?.isProblem == true ? .problem : .plain, layout: .wide,
            body: """
                <section class="hero">
                <h1><bdi>\(title)</bdi></h1>
                <p class="lede">\(account.short), \(isOwner ? "an owner" : "an admin" as HTML) of \
                <strong><bdi>\(organization)</bdi></strong></p>
                \(navigation)
                </section>
                \(note?.html)
                \(isFresh ? nil : again)
                \(sections)
                """)
    }

    private var navigation: HTML {
        """
        <nav class="parts" aria-label="Pages of the organization">
        \(links.map(item))<a\(href: all)>All organizations</a>
        </nav>
        """
    }

    private func item(_ link: PartLink) -> HTML {
        """
        <a\(href: link.link)\(attribute: "aria-current", link.part == part ? "page" : nil)>\
        \(link.part.words)</a>

        """
    }

    private var again: HTML {
        """
        <section>
        <h2>To change something, sign in again</h2>
        <p>You can look at everything. Changes are open to you for 10 minutes after you sign in.</p>
        \(signIn.html(class: "row", Self.againButton))
        </section>
        """
    }

    private static let againButton: HTML =
        "<button type=\"submit\" class=\"primary\">Sign in again</button>"

    /// A button that sends a form of the page, with a value that it is about.
    func button(
        _ words: HTML, _ button: OrganizationButton, of value: String? = nil,
        named name: StaticString = "id", isPrimary: Bool = false
    ) -> HTML {
        form.html(
            class: "row",
            """
            \(value.map {
                "<input type=\"hidden\"\(attribute: "name", "\(name)") value=\"\($0)\">" as HTML
            })\
            \(Self.submit(words, button, isPrimary: isPrimary))
            """)
    }

    /// The button itself.
    static func submit(
        _ words: HTML, _ button: OrganizationButton, isPrimary: Bool = false
    ) -> HTML {
        """
        <button type="submit" class="\(isPrimary ? "primary" : "secondary")" \
        name="\(OrganizationButton.field)" value="\(button.rawValue)">\(words)</button>
        """
    }

    /// The way to more rows, if there are more.
    static func more(_ link: Link?) -> HTML? {
        link.map { "<p><a\(href: $0) rel=\"next\">More</a></p>" }
    }
}

/// Things of which any number can be chosen.
struct TickList: Sendable {
    /// The name that each is sent under.
    private let name: StaticString
    private let legend: HTML
    private let items: [MemberView.Choice]

    init(_ name: StaticString, _ legend: HTML, _ choices: [MemberView.Choice]) {
        self.name = name
        self.legend = legend
        items = choices
    }

    /// The question who manages the organization.
    static func standings(_ choices: [MemberView.Choice]) -> TickList {
        TickList("standing", "Manages the organization as", choices)
    }

    /// The list; nil if there is nothing to choose.
    var html: HTML? {
        guard !items.isEmpty else { return nil }
        return """
            <fieldset>
            <legend>\(legend)</legend>
            <ul>
            \(items.map(item))</ul>
            </fieldset>
            """
    }

    private func item(_ item: MemberView.Choice) -> HTML {
        """
        <li class="tick"><label><input type="checkbox"\(attribute: "name", "\(name)") \
        value="\(item.value)"\(attribute: "checked", item.isTicked)>
        <span><bdi>\(item.words)</bdi>\
        \(item.hint.map { " <span class=\"optional\"><bdi>\($0)</bdi></span>" as HTML })</span>\
        </label></li>

        """
    }
}

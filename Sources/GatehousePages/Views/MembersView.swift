package import GatehouseWeb

/// A member of an organization, as a row of a table.
package struct MemberRow: Sendable, Hashable {
    /// Who it is.
    package var account: AccountLabel
    /// The way to the page of the member.
    package var link: Link
    /// What the person is there.
    package var title: String?
    /// Owner or admin, if they are that.
    package var standing: Standing
    /// The names of their roles, by whatever they have them.
    package var roles: [String]
    /// True if nothing of that counts now.
    package var isSuspended: Bool
    /// When they joined.
    package var joined: ApplicationsView.Moment

    /// How far somebody administers the organization.
    package enum Standing: Sendable, Hashable {
        case owner
        case admin
        case member

        var words: HTML {
            switch self {
            case .owner: "Owner"
            case .admin: "Admin"
            case .member: "Member"
            }
        }
    }

    /// A row.
    package init(
        account: AccountLabel, link: Link, title: String?, standing: Standing, roles: [String],
        isSuspended: Bool, joined: ApplicationsView.Moment
    ) {
        self.account = account
        self.link = link
        self.title = title
        self.standing = standing
        self.roles = roles
        self.isSuspended = isSuspended
        self.joined = joined
    }

    static func table(_ caption: String, _ rows: [MemberRow]) -> HTML {
        DataTable(
            caption, columns: ["Member", "Is", "Roles", "State", "Joined"],
            rows: rows.map(\.cells)
        ).html
    }

    private var signInName: HTML {
        " <span class=\"reading\"><bdi>\(account.signInName)</bdi></span>"
    }

    private var cells: [HTML] {
        [
            """
            <a\(href: link)>\(account.short)</a>\
            \(account.name == nil ? nil : signInName)
            """,
            "\(standing.words)\(title.map { ", <bdi>\($0)</bdi>" as HTML })",
            "<bdi>\(roles.isEmpty ? "none" : roles.joined(separator: ", "))</bdi>",
            isSuspended ? "suspended" : "active",
            joined.html,
        ]
    }
}

/// The page of the members of an organization.
///
/// Its search is a GET with `search`.
package struct MembersView: Sendable {
    /// What stands around the content.
    package var page: OrganizationFrame
    /// The members.
    package var members: [MemberRow]
    /// What was looked for.
    package var search: String?
    /// Where searches go.
    package var here: Link
    /// The way to more of them.
    package var more: Link?

    /// The page.
    package init(
        page: OrganizationFrame, members: [MemberRow], search: String?, here: Link, more: Link?
    ) {
        self.page = page
        self.members = members
        self.search = search
        self.here = here
        self.more = more
    }

    /// The whole page.
    package var document: PageDocument {
        page.document(
            "Members",
            """
            <section>
            <h2>\(search == nil ? "Everybody" : "Who was found" as HTML)</h2>
            <form method="get"\(action: here) class="search" role="search">
            \(field)
            <button type="submit" class="secondary">Search</button>
            </form>
            \(members.isEmpty ? Self.nobody : MemberRow.table("The members", members))
            \(OrganizationFrame.more(more))
            \(search == nil ? nil : "<p><a\(href: here)>Everybody</a></p>" as HTML)
            </section>
            """)
    }

    private static let nobody: HTML = "<p class=\"empty\">Nobody.</p>"

    private var field: HTML {
        """
        <div class="field">
        <label for="search">Part of an address or username</label>
        <input id="search" name="search" type="search"\(attribute: "value", search) \
        autocomplete="off" autocapitalize="none" spellcheck="false" maxlength="254">
        </div>
        """
    }
}

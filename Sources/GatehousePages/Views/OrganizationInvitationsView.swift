package import GatehouseWeb

/// The page of the invitations to an organization.
///
/// It sends `change`, `account` and `csrf`, and `email`, `standing` and `role` to invite somebody,
/// or the `invitation` that it is about.
package struct OrganizationInvitationsView: Sendable {
    /// What stands around the content.
    package var page: OrganizationFrame
    /// The invitations, oldest first.
    package var invitations: [Row]
    /// The way to more of them.
    package var more: Link?
    /// What stands in the form.
    package var typed: Typed

    /// One invitation.
    package struct Row: Sendable, Hashable {
        package var id: String
        package var address: String
        /// What the person becomes.
        package var roles: [String]
        package var state: State
        package var invited: ApplicationsView.Moment
        package var until: ApplicationsView.Moment
        /// True if whoever is signed in may send it again or take it back.
        package var mayChange: Bool

        /// What became of it.
        package enum State: Sendable, Hashable {
            case onItsWay
            case undeliverable
            case pending
            case accepted
            case revoked
            case expired

            fileprivate var words: HTML {
                switch self {
                case .onItsWay: "waits to be sent"
                case .undeliverable: "could not be sent"
                case .pending: "waits for an answer"
                case .accepted: "accepted"
                case .revoked: "taken back"
                case .expired: "expired"
                }
            }
        }

        /// An invitation.
        package init(
            id: String, address: String, roles: [String], state: State,
            invited: ApplicationsView.Moment, until: ApplicationsView.Moment, mayChange: Bool
        ) {
            self.id = id
            self.address = address
            self.roles = roles
            self.state = state
            self.invited = invited
            self.until = until
            self.mayChange = mayChange
        }
    }

    /// What stands in the form to invite somebody.
    package struct Typed: Sendable, Hashable {
        package var address: String
        package var standings: [MemberView.Choice]
        package var roles: [MemberView.Choice]

        /// What stands there.
        package init(
            address: String, standings: [MemberView.Choice], roles: [MemberView.Choice]
        ) {
            self.address = address
            self.standings = standings
            self.roles = roles
        }
    }

    /// The page.
    package init(page: OrganizationFrame, invitations: [Row], more: Link?, typed: Typed) {
        self.page = page
        self.invitations = invitations
        self.more = more
        self.typed = typed
    }

    /// The whole page.
    package var document: PageDocument {
        page.document(
            "Invitations",
            """
            \(page.showsForms ? invite : nil)
            <section>
            <h2>Who was invited</h2>
            \(invitations.isEmpty ? Self.nobody : table)
            \(OrganizationFrame.more(more))
            </section>
            """)
    }

    private static let nobody: HTML = "<p class=\"empty\">Nobody.</p>"

    private var invite: HTML {
        var address = TextField(
            name: "email", label: "E-mail", kind: .email, autocomplete: "off")
        address.value = typed.address
        address.attributes = #" inputmode="email" autocapitalize="none" spellcheck="false""#
        if page.note == .problem(.address) {
            address.problem = OrganizationNote.Problem.address.field
        }
        return """
            <section>
            <h2>Invite somebody</h2>
            \(page.form.html(
                """
                \(address.html)
                \(TickList.standings(typed.standings).html)
                \(TickList("role", "Roles", typed.roles).html)
                <div class="row">
                \(OrganizationFrame.submit("Invite", .invite, isPrimary: true))
                </div>
                """))
            </section>
            """
    }

    private var table: HTML {
        DataTable(
            "The invitations",
            columns: ["Address", "Becomes", "State", "Invited", "Good until", "Change"],
            rows: invitations.map { row in
                let roles = row.roles.isEmpty ? "a member" : row.roles.joined(separator: ", ")
                return [
                    "<bdi dir=\"ltr\">\(row.address)</bdi>", "<bdi>\(roles)</bdi>",
                    row.state.words, row.invited.html, row.until.html, buttons(row),
                ]
            }
        ).html
    }

    private func buttons(_ row: Row) -> HTML {
        guard page.isFresh, row.mayChange else { return "–" }
        let to: HTML = "<span class=\"unseen\"> to \(row.address)</span>"
        let again = page.button(
            "Send again\(to)", .resend, of: row.id, named: "invitation")
        guard row.state != .expired else { return again }
        return """
            \(again)
            \(page.button("Take back\(to)", .revoke, of: row.id, named: "invitation"))
            """
    }
}

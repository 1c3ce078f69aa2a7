import GatehousePages
import GatehouseWeb

/// The pages on which members administer an organization, in every state, with the same text wherever
/// a text can stand.
struct OrganizationPages {
    let frame: PageFrame
    let form: PostForm
    let text: String

    var all: [(name: String, document: PageDocument)] {
        let notes: [OrganizationNote?] = [
            nil, .done(.keyRevoked), .problem(.stale), .problem(.noRole(text)), .problem(.title),
            .problem(.address), .problem(.resources), .problem(.tooOften(retryAfter: 60)),
        ]
        return [list, unknown]
            + notes.flatMap { note in
                [true, false].flatMap { pages(around(note, isFresh: $0)) }
            }
    }

    private func around(_ note: OrganizationNote?, isFresh: Bool) -> OrganizationFrame {
        OrganizationFrame(
            frame: frame, part: .members, organization: text, account: account, isOwner: isFresh,
            links: [.init(part: .overview, link: "/o"), .init(part: .members, link: "/o/members")],
            all: "/organizations", form: form, signIn: form, isFresh: isFresh, note: note)
    }

    private func pages(
        _ page: OrganizationFrame
    ) -> [(name: String, document: PageDocument)] {
        [
            (
                "organization",
                OrganizationOverviewView(
                    page: page, id: text, slug: text, publisher: .checked, owners: [row],
                    typed: text
                ).document
            ),
            (
                "members",
                MembersView(
                    page: page, members: [row, row], search: text, here: "/o/members",
                    more: "/o/members?after=x"
                ).document
            ),
            (
                "member",
                MemberView(
                    page: page, member: row, scopes: [text], groups: [text],
                    choices: .init(
                        basis: text, title: text, standings: [choice], roles: [choice],
                        groups: [text])
                ).document
            ),
            ("no member", MemberGoneView(page: page, all: "/o/members").document),
            ("invitations to it", invitations(page).document),
            ("applications in it", applications(page).document),
            ("keys", keys(page).document),
        ]
    }

    private var list: (name: String, document: PageDocument) {
        (
            "organizations of a person",
            OrganizationsView(
                page: OwnPageFrame(frame: frame, form: form, account: account),
                organizations: [.init(name: text, isOwner: true, link: "/o")]
            ).document
        )
    }

    private var unknown: (name: String, document: PageDocument) {
        (
            "unknown organization",
            UnknownOrganizationView(
                page: OwnPageFrame(frame: frame, form: form, account: account), all: "/o"
            ).document
        )
    }

    private func invitations(_ page: OrganizationFrame) -> OrganizationInvitationsView {
        OrganizationInvitationsView(
            page: page,
            invitations: [.onItsWay, .undeliverable, .pending, .accepted, .revoked, .expired].map {
                .init(
                    id: text, address: text, roles: [text], state: $0, invited: moment,
                    until: moment, mayChange: true)
            },
            more: "/o/invitations?after=x",
            typed: .init(address: text, standings: [choice], roles: [choice]))
    }

    private func applications(_ page: OrganizationFrame) -> OrganizationApplicationsView {
        OrganizationApplicationsView(
            page: page,
            applications: [true, false].map {
                .init(
                    application: .init(
                        consent: text, name: text, host: text, logo: nil, organization: text,
                        groups: [], since: moment, lastUse: moment),
                    member: account, mayTakeBack: $0)
            }, more: "/o/applications?after=x")
    }

    private func keys(_ page: OrganizationFrame) -> OrganizationKeysView {
        OrganizationKeysView(
            page: page, made: .init(name: text, secret: text),
            keys: [account, nil].map {
                .init(
                    id: text, name: text, beginning: text, member: $0, scopes: [text], made: moment,
                    until: moment, lastUse: moment, mayRevoke: true)
            },
            more: "/o/keys?after=x",
            typed: .init(name: text, scopes: text, days: text, resources: [choice]))
    }

    private var account: AccountLabel { AccountLabel(name: text, signInName: text) }
    private var moment: ApplicationsView.Moment { .init(timestamp: text, words: text) }
    private var choice: MemberView.Choice {
        .init(value: text, words: text, hint: text, isTicked: true)
    }

    private var row: MemberRow {
        MemberRow(
            account: account, link: "/o/members/x", title: text, standing: .owner, roles: [text],
            isSuspended: true, joined: moment)
    }
}

import GatehouseAdmin
import GatehouseDemo
import GatehousePages
import GatehouseWeb
import Testing

/// What a person or a client may have put into a name.
private let hostile = [
    "Kay", "\"'<>&</title><script>alert(1)</script>", "\"\u{301} onfocus=alert(1) autofocus x=\"",
    "'\u{FE0F}><img src=x>", "\u{202E}evil\u{2066}", "a\u{0}b", String(repeating: "<", count: 300),
    "&amp;&#39;&lt;", "‫مرحبا‬",
]

/// Every hosted page in every state, with the same text wherever a text can stand.
private func pages(_ text: String) -> [(name: String, document: PageDocument)] {
    let frame = PageFrame(siteName: text, stylesheet: "/assets/a.css", icon: "/assets/a.svg")
    let form = PostForm(action: "/t/demo/sign-in/x", csrf: text, carrying: [("state", text)])
    let application = ApplicationLabel(
        name: text, destination: .web(host: text),
        introduction: .init(
            unverifiedHost: text, policy: Link(proven: "https://a.test/?a=1&b=%22"),
            terms: Link(proven: "https://a.test/terms")))
    let account = AccountLabel(name: text, signInName: text)
    let incident = Incident(id: text, timestamp: text, time: text)
    let developer = ErrorView.Developer(
        code: text, rule: text,
        comparison: .init(parameter: text, sent: text, registered: [text, "https://rp.test/cb"]))
    let signIns: [SignInView] = [
        SignInView(frame: frame, form: form, application: application, createAccount: "/c"),
        SignInView(
            frame: frame, form: form, application: application,
            subject: .anyone(identifier: text), note: .adds(account), problem: .mismatch),
        SignInView(
            frame: frame, form: form, application: nil, subject: .known(account),
            note: .lastSignInTooOld, problem: .busy(retryAfter: 2)),
    ]
    let create = CreateAccountView(
        frame: frame, form: form, application: application, signIn: "/s",
        typed: .init(email: text, name: text),
        problems: .init(
            form: .refused, email: .malformed, name: .malformed,
            password: .guessable(hint: text)))
    var userCodes = [
        EnterUserCodeView(frame: frame, form: form, typed: text),
        EnterUserCodeView(frame: frame, form: form, typed: text),
    ]
    userCodes[0].isFromLink = true
    userCodes[1].problem = .unknown
    let organizations = OrganizationPages(frame: frame, form: form, text: text).all
    let others = organizations + invitationPages(frame, form, text)
    return others + signIns.map { ("sign in", $0.document) } + [
        ("create account", create.document),
        (
            "continue as",
            ContinueAsView(frame: frame, form: form, application: application, account: account)
                .document
        ),
        (
            "confirm",
            ConfirmSignOutView(
                frame: frame, form: form, accounts: [account, account], application: application
            ).document
        ),
        (
            "kept",
            SignedOutView(frame: frame, outcome: .kept(account), returnRefused: true).document
        ),
        ("consent", consent(frame, form, text).document),
        ("consent, first", consent(frame, form, text, isAddition: false).document),
        ("applications", applications(frame, form, text).document),
        (
            "accounts",
            ChooseAccountView(
                frame: frame, application: application,
                accounts: [
                    .init(account: account, form: form), .init(account: account, form: form),
                ], other: form, isStale: true
            ).document
        ),
        (
            "organizations",
            ChooseOrganizationView(
                frame: frame, form: form, application: application, account: account,
                otherAccount: "/s?account=other",
                organizations: [
                    .init(id: text, name: text, logo: LogoImage(light: "/l", dark: "/d")),
                    .init(id: "org_2", name: "Two"),
                ]
            ).document
        ),
        (
            "ended",
            SignedOutView(frame: frame, outcome: .ended(remaining: [account])).document
        ),
        ("none", SignedOutView(frame: frame, outcome: .noSession).document),
        (
            "told",
            SignedOutView(
                frame: frame, outcome: .ended(remaining: []), back: NamedLink(text, "/"),
                frames: ["/f", "/g"]
            ).document
        ),
        (
            "error",
            ErrorView(
                frame: frame, explanation: .unknownRedirect, incident: incident,
                developer: developer
            ).document
        ),
        ("expired", SessionExpiredView(frame: frame).document),
        (
            "finished",
            SignInFinishedView(frame: frame, application: application, back: nil).document
        ),
        ("code", userCodes[0].document), ("code, wrong", userCodes[1].document),
        (
            "device",
            AllowDeviceView(
                frame: frame, form: form, application: application, account: account,
                scope: ["openid", "profile", "email", "offline_access", text],
                beginning: .init(
                    address: text, isSameNetwork: false, ago: text, timestamp: text, time: text)
            ).document
        ),
        (
            "device, over",
            DeviceResultView(
                frame: frame, application: application, outcome: .over, again: "/d"
            ).document
        ),
        (
            "approvals",
            ApprovalsView(
                page: OwnPageFrame(frame: frame, form: form, account: account),
                questions: [
                    .init(
                        id: text, application: text, message: text, scope: ["openid", text],
                        ago: text, timestamp: text, time: text)
                ], news: .over
            ).document
        ),
        (
            "approvals, nobody",
            ApprovalsView(
                page: OwnPageFrame(frame: frame, form: form, account: nil), questions: []
            ).document
        ),
        (
            "form post",
            FormPostView(
                frame: frame, action: "/cb", fields: [("state", text)], destination: text
            ).document
        ),
        ("closed", RegistrationClosedView(frame: frame, signIn: "/s").document),
        ("unavailable", UnavailableView(frame: frame, retryAfter: 5, incident: incident).document),
        ("admin link", AdminLinkView(frame: frame, form: form, remaining: text).document),
        ("admin problem", AdminProblemView(frame: frame, problem: .linkSpent).document),
        ("mailbox", MailboxView(frame: frame, mails: []).document),
        (
            "mail",
            MailView(
                frame: frame, mail: DemoMail(recipient: text, subject: text, text: text, time: text)
            ).document
        ),
        (
            "demo home",
            HomeView(
                frame: frame, signIn: "/s", createAccount: "/c", mailbox: "/m",
                users: [.init(name: text, email: text, password: text)]
            ).document
        ),
    ]
}

/// The pages of an invitation.
private func invitationPages(
    _ frame: PageFrame, _ form: PostForm, _ text: String
) -> [(name: String, document: PageDocument)] {
    let label = InvitationLabel(
        organization: text, inviter: text, address: text, logo: LogoImage(light: "/l"))
    let account = AccountLabel(name: text, signInName: text)
    let problems: [SignInView.Problem] = [
        .mismatch, .incomplete, .busy(retryAfter: 2),
        .tooOften(retryAfter: 60, isKnownDevice: false),
    ]
    let notes: [InvitationView.Note] = [.someoneElse(account), .unconfirmed(account)]
    var steps: [InvitationView.Step] = [
        .accept(form, as: account), .signIn(form, createAccount: "/c"),
    ]
    for problem in problems {
        steps.append(.signIn(form, createAccount: "/c", problem: problem))
    }
    for note in notes { steps.append(.signIn(form, createAccount: "/c", note: note)) }
    var create = CreateAccountView(
        frame: frame, form: form, application: nil, signIn: "/s",
        typed: .init(email: text, name: text))
    create.invitation = label
    var pages = [(name: "invitation, account", document: create.document)]
    for step in steps {
        let view = InvitationView(frame: frame, invitation: label, step: step)
        pages.append((name: "invitation", document: view.document))
    }
    for outcome in InvitationResultView.Outcome.allCases {
        let view = InvitationResultView(frame: frame, invitation: label, outcome: outcome)
        pages.append((name: "invitation, \(outcome)", document: view.document))
    }
    return pages
}

/// The consent page with everything that can be on it.
private func consent(
    _ frame: PageFrame, _ form: PostForm, _ text: String, isAddition: Bool = true
) -> ConsentView {
    let groups = [
        ConsentView.Group(
            resource: nil,
            items: ["openid", "email", "offline_access"].map { .init(value: $0, description: nil) }
        ),
        ConsentView.Group(
            resource: .init(name: text, identifier: text),
            items: [.init(value: text, description: text), .init(value: "a", description: nil)]),
        ConsentView.Group(
            resource: .init(name: nil, identifier: text),
            items: [.init(value: text, description: nil)]),
    ]
    return ConsentView(
        frame: frame, form: form,
        application: ApplicationLabel(name: text, destination: .installed(scheme: text)),
        publisher: .init(name: text, isVerified: true, logo: LogoImage(light: "/l", dark: "/d")),
        account: AccountLabel(name: text, signInName: text),
        otherAccount: "/s?account=other",
        organization: .init(name: text, others: "/o", logo: LogoImage(light: "/l", dark: "/d")),
        question: .init(
            groups: groups,
            details: [.init(description: text, facts: [.init(name: text, value: text)])],
            organizations: .named([text, text]), isAddition: isAddition, mayChoose: true),
        applications: "/applications")
}

/// The page of a person's applications, with everything that can be on it.
private func applications(
    _ frame: PageFrame, _ form: PostForm, _ text: String
) -> ApplicationsView {
    let moment = ApplicationsView.Moment(timestamp: text, words: text)
    return ApplicationsView(
        page: OwnPageFrame(
            frame: frame, form: form, account: AccountLabel(name: text, signInName: text)),
        applications: [
            .init(
                consent: text, name: text, host: text, logo: nil, organization: text,
                groups: consent(frame, form, text).question.groups, since: moment,
                lastUse: moment),
            .init(
                consent: text, name: text, host: nil, logo: nil, organization: nil, groups: [],
                since: moment, lastUse: nil),
        ], news: .over)
}

@Suite struct `Hosted pages` {
    @Test(arguments: hostile)
    func `are well-formed whatever stands in them`(_ text: String) {
        for page in pages(text) {
            let problems = MarkupCheck.problems(in: page.document.html.string)
            #expect(problems.isEmpty, "\(page.name): \(problems)")
        }
    }

    @Test(arguments: hostile.dropFirst())
    func `let no text become markup (GH-394)`(_ text: String) {
        for page in pages(text) {
            let markup = page.document.html.string
            let scripts = page.document.script == nil ? 0 : 1
            #expect(markup.ranges(of: "<script").count == scripts, "\(page.name)")
            // Logos are the one kind of image that there is.
            let logos = markup.ranges(of: "<picture class=\"logo\">").count
            #expect(markup.ranges(of: "<img").count == logos, "\(page.name)")
            #expect(!markup.unicodeScalars.contains("\u{0}"), "\(page.name)")
        }
    }

    @Test func `escape once and not twice`() {
        for page in pages("Tom & Kay") {
            #expect(!page.document.html.string.contains("&amp;amp;"), "\(page.name)")
        }
    }

    @Test(arguments: [
        "<p>a", "<p><b>x</b></p>", "<p id=\"a\">1</p><p id=\"a\">2</p>", "<p class=x>1</p>",
        "<a href=\"javascript:x\">1</a>", "<a href=\"//evil.test\">1</a>", "<p onclick=\"x\">1</p>",
        "<label for=\"x\">1</label>", "<p></div>",
    ])
    func `that are not well-formed are noticed`(_ markup: String) {
        #expect(!MarkupCheck.problems(in: markup).isEmpty)
    }
}

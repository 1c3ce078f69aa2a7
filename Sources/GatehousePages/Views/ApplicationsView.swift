package import GatehouseWeb

/// The page that lists which applications may use a person's account, and lets them take that back.
///
/// It sends `consent` and `csrf`; or nothing but `csrf`, to sign in.
package struct ApplicationsView: Sendable {
    /// What stands around the content.
    package var page: OwnPageFrame
    /// The applications, what was used last first.
    package var applications: [Application]
    /// What came of what was just asked.
    package var news: News?

    /// One application, and what it may do.
    package struct Application: Sendable, Hashable {
        /// How it is named when it is taken back.
        package var consent: String
        /// The name of the application, chosen by whoever registered it.
        package var name: String
        /// The host that it identifies itself by; nil if somebody here registered it.
        package var host: String?
        /// Its logo, if it has one.
        package var logo: LogoImage?
        /// The organization in whose name it was allowed.
        package var organization: String?
        /// What it may do, place by place.
        package var groups: [ConsentView.Group]
        /// When it was allowed first.
        package var since: Moment
        /// When it last got or used something.
        package var lastUse: Moment?

        /// An application.
        package init(
            consent: String, name: String, host: String?, logo: LogoImage?,
            organization: String?, groups: [ConsentView.Group], since: Moment, lastUse: Moment?
        ) {
            self.consent = consent
            self.name = name
            self.host = host
            self.logo = logo
            self.organization = organization
            self.groups = groups
            self.since = since
            self.lastUse = lastUse
        }
    }

    /// A time.
    package struct Moment: Sendable, Hashable {
        /// For machines: `2026-11-21T02:31:05Z`.
        package var timestamp: String
        /// For people: `21 November 2026, 02:31:05 UTC`.
        package var words: String

        /// A time.
        package init(timestamp: String, words: String) {
            self.timestamp = timestamp
            self.words = words
        }

        var html: HTML { "<time datetime=\"\(timestamp)\">\(words)</time>" }
    }

    /// What came of what was asked.
    package enum News: Sendable, Hashable {
        /// The application is out.
        case takenBack
        /// Nothing: it was taken back before.
        case over
    }

    /// The page.
    package init(page: OwnPageFrame, applications: [Application], news: News? = nil) {
        self.page = page
        self.applications = applications
        self.news = news
    }

    /// The whole page.
    package var document: PageDocument {
        page.document(
            .init(
                title: "Your applications",
                lede: "Applications of others that you allowed to use your account.",
                signIn: "Sign in to see them."),
            tone: news == .over ? .problem : .plain, news: news?.html,
            content: applications.isEmpty
                ? "<p>You have allowed none.</p>" : "\(applications.map(html))")
    }

    private func html(_ application: Application) -> HTML {
        """
        <section>
        <h2>\(application.logo?.html)<bdi>\(application.name)</bdi></h2>
        \(application.facts())
        \(ConsentGroups(allowed: application.groups).html)
        \(page.form.html(button(application)))
        </section>

        """
    }

    private func button(_ application: Application) -> HTML {
        """
        <input type="hidden" name="consent" value="\(application.consent)">
        <button type="submit" class="secondary">Take it back\
        <span class="unseen"> from \(application.name)</span></button>
        """
    }
}

extension ApplicationsView.Application {
    /// What there is to know of it, line by line, and who allowed it if that is not the reader.
    func facts(allowedBy member: AccountLabel? = nil) -> HTML {
        """
        <dl class="facts">
        \(member.map { Self.fact("By", "<bdi>\($0.signInName)</bdi>") })\
        \(host.map { Self.fact("From", "<bdi dir=\"ltr\">\($0)</bdi>") })\
        \(member == nil ? organization.map { Self.fact("In", "<bdi>\($0)</bdi>") } : nil)\
        \(Self.fact("Since", since.html))\
        \(lastUse.map { Self.fact("Last used", $0.html) })\
        </dl>
        """
    }

    private static func fact(_ name: HTML, _ value: HTML) -> HTML {
        "<div><dt>\(name)</dt><dd>\(value)</dd></div>\n"
    }
}

extension ApplicationsView.News {
    fileprivate var html: HTML {
        switch self {
        case .takenBack:
            Alert.news(
                "You took it back. The application is signed out, and has to ask you again.")
        case .over:
            Alert.problem("Nothing was changed.", "<p>It was taken back before.</p>")
        }
    }
}

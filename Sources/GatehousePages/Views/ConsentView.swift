import GatehouseProtocol
package import GatehouseWeb

/// The page that asks a person what an application may do in their name: what asks, where its answer
/// goes, for which account, and for what.
///
/// It sends `answer`, `allow` or `deny`, `csrf`, and `scope` for each value that is ticked. Neither
/// answer is easier to give than the other.
package struct ConsentView: Sendable {
    /// What the page shares with the rest of its site.
    package var frame: PageFrame
    /// Where the answer is sent.
    package var form: PostForm
    /// What asks.
    package var application: ApplicationLabel
    /// Whose application it is, if it belongs to somebody who is known here.
    package var publisher: Publisher?
    /// The account that it would get into.
    package var account: AccountLabel
    /// The way to another account.
    package var otherAccount: Link
    /// The organization in which the person would allow it, if one was selected.
    package var organization: Organization?
    /// What it asks for.
    package var question: Question
    /// The page on which the person can take it back.
    package var applications: Link

    /// Whose application it is.
    package struct Publisher: Sendable, Hashable {
        /// The name of the organization.
        package var name: String
        /// Whether somebody here found it to be who it says.
        package var isVerified: Bool
        /// Its logo, if it has one; shown only of one who is found to be who it says, for a logo
        /// says so, too.
        package var logo: LogoImage?

        /// A publisher.
        package init(name: String, isVerified: Bool, logo: LogoImage? = nil) {
            self.name = name
            self.isVerified = isVerified
            self.logo = logo
        }
    }

    /// The organization in which an application is allowed something.
    package struct Organization: Sendable, Hashable {
        /// What people see.
        package var name: String
        /// The way to the others in which the person could go on, if there are any.
        package var others: Link?
        /// Its logo, if it has one.
        package var logo: LogoImage?

        /// An organization.
        package init(name: String, others: Link?, logo: LogoImage? = nil) {
            self.name = name
            self.others = others
            self.logo = logo
        }
    }

    /// What an application asks for.
    package struct Question: Sendable, Hashable {
        /// What belongs together; who the person is comes first.
        package var groups: [Group]
        /// What it wants to do in full.
        package var details: [Detail]
        /// What it learns of the person's organizations, if it does.
        package var organizations: ToldOrganizations?
        /// Whether it was allowed something before, and this is only what is new.
        package var isAddition: Bool
        /// Whether some of it can be left out.
        package var mayChoose: Bool

        /// A question.
        package init(
            groups: [Group], details: [Detail], organizations: ToldOrganizations? = nil,
            isAddition: Bool, mayChoose: Bool
        ) {
            self.groups = groups
            self.details = details
            self.organizations = organizations
            self.isAddition = isAddition
            self.mayChoose = mayChoose
        }
    }

    /// What an application learns of the organizations of a person who selected none.
    package enum ToldOrganizations: Sendable, Hashable {
        /// All that they are in, whatever they join later.
        case all
        /// Some, by the names of those they are in.
        case named([String])
    }

    /// What is asked for in one place.
    package struct Group: Sendable, Hashable {
        /// The resource; nil for who the person is.
        package var resource: Resource?
        /// What is asked for there.
        package var items: [Item]

        /// A group.
        package init(resource: Resource?, items: [Item]) {
            self.resource = resource
            self.items = items
        }
    }

    /// Something that it wants to do, in full.
    package struct Detail: Sendable, Hashable {
        /// What it is, in the words of the resource.
        package var description: String
        /// What it is about, line by line.
        package var facts: [Fact]

        /// A detail.
        package init(description: String, facts: [Fact]) {
            self.description = description
            self.facts = facts
        }
    }

    /// One line of a detail.
    package struct Fact: Sendable, Hashable {
        /// What the line is about.
        package var name: String
        /// What it says.
        package var value: String

        /// A line.
        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// A resource, as it is named on the page.
    package struct Resource: Sendable, Hashable {
        /// Its name, if it is registered.
        package var name: String?
        /// What tokens call it.
        package var identifier: String

        /// A resource.
        package init(name: String?, identifier: String) {
            self.name = name
            self.identifier = identifier
        }
    }

    /// One value of a scope.
    package struct Item: Sendable, Hashable {
        /// The value.
        package var value: String
        /// What it means, if its resource says so.
        package var description: String?

        /// An item.
        package init(value: String, description: String?) {
            self.value = value
            self.description = description
        }
    }

    /// The page.
    package init(
        frame: PageFrame, form: PostForm, application: ApplicationLabel, publisher: Publisher?,
        account: AccountLabel, otherAccount: Link, organization: Organization?,
        question: Question, applications: Link
    ) {
        self.frame = frame
        self.form = form
        self.application = application
        self.publisher = publisher
        self.account = account
        self.otherAccount = otherAccount
        self.organization = organization
        self.question = question
        self.applications = applications
    }

    /// The whole page.
    package var document: PageDocument {
        PageDocument(
            frame, title: "Allow \(application.name) to use your account?",
            body: """
                <h1>Allow <bdi>\(application.name)</bdi> to use your account?</h1>
                \(application.lede("asked by"))
                \(publisher?.html)
                <div class="with-other">
                \(account.card)
                <p class="other">Not you? <a\(href: otherAccount)>Use another account</a></p>
                </div>
                \(organization?.html)
                \(question.isAddition ? Self.addition : nil)
                \(question.isAddition ? question.organizations?.hint : nil)
                \(form.html(fields))
                <p class="hint">You can change your mind at any time: under \
                <a\(href: applications)>your applications</a> you take this back.</p>
                """)
    }

    private static let addition: HTML = Alert.note(
        "You have allowed this application something before. This is what is new.")

    private var fields: HTML {
        """
        \(ConsentGroups(question).html)
        <div class="pair">
        <button type="submit" class="secondary" name="answer" \
        value="\(Answer.allow.rawValue)">Allow</button>
        <button type="submit" class="secondary" name="answer" \
        value="\(Answer.deny.rawValue)">Deny</button>
        </div>
        """
    }
}

extension ConsentView.Publisher {
    /// Whose application it is, and how far one may believe it.
    fileprivate var html: HTML {
        isVerified
            ? """
            <p class="hint of">\(logo?.html)<span>It belongs to <strong><bdi>\(name)</bdi></strong>, \
            which is known here by this name.</span></p>
            """
            : """
            <p class="hint">It belongs to <bdi>\(name)</bdi>. Nobody here has checked who that is.</p>
            """
    }
}

extension ConsentView.Organization {
    fileprivate var html: HTML {
        """
        <p class="of">\(logo?.html)<span>In your organization <strong><bdi>\(name)</bdi></strong>\
        \(others.map { ". <a\(href: $0)>Choose another one</a>" as HTML })</span></p>
        """
    }
}

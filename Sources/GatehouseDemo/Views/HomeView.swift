package import GatehouseWeb

/// The front page of the demo application, for someone who is signed out.
package struct HomeView: Sendable {
    /// What the page shares with the rest of its site.
    package var frame: PageFrame
    /// Where a sign-in starts.
    package var signIn: Link
    /// Where the creation of an account starts.
    package var createAccount: Link?
    /// The page with the captured mail.
    package var mailbox: Link?
    /// The users that are there to try.
    package var users: [DemoUser]

    /// A user that is there to try.
    package struct DemoUser: Sendable, Hashable {
        /// The name.
        package var name: String
        /// The e-mail address to sign in with.
        package var email: String
        /// The password.
        package var password: String

        /// A user.
        package init(name: String, email: String, password: String) {
            self.name = name
            self.email = email
            self.password = password
        }
    }

    /// The page.
    package init(
        frame: PageFrame, signIn: Link, createAccount: Link?, mailbox: Link?, users: [DemoUser]
    ) {
        self.frame = frame
        self.signIn = signIn
        self.createAccount = createAccount
        self.mailbox = mailbox
        self.users = users
    }

    /// The whole page.
    package var document: PageDocument {
        PageDocument(
            frame, title: "Welcome", layout: .wide,
            body: """
                <section class="hero">
                <h1>An app that leaves sign-in to Gatehouse</h1>
                <p class="lede"><bdi>\(frame.siteName)</bdi> is a small application on this
                computer. It never sees a password: it sends you to Gatehouse and gets back signed
                tokens, which it then shows you.</p>
                <p class="row">\(NamedLink("Sign in", signIn).button(isPrimary: true))
                \(createAccount.map { NamedLink("Create account", $0).button(isPrimary: false) })</p>
                </section>
                \(users.isEmpty ? nil : people)
                \(mailbox.map { Self.mail($0) })
                """)
    }

    private var people: HTML {
        """
        <section>
        <h2>People to sign in as</h2>
        <p>They were made for this try-out, with passwords that exist nowhere else.</p>
        \(DataTable("People to sign in as", columns: ["Name", "E-mail", "Password"], rows: rows).html)
        </section>
        """
    }

    private var rows: [[HTML]] {
        users.map {
            [
                "<bdi>\($0.name)</bdi>", "<code class=\"copy\">\($0.email)</code>",
                "<code class=\"copy\">\($0.password)</code>",
            ]
        }
    }

    private static func mail(_ mailbox: Link) -> HTML {
        """
        <section>
        <h2>Mail</h2>
        <p>No mail leaves this computer. What Gatehouse sends ends up in the
        <a\(href: mailbox)>mailbox</a>; so far it has no occasion to send any.</p>
        </section>
        """
    }
}

package import GatehouseWeb

/// The page that asks before a session ends, where the request does not prove that it came from
/// an application of the person (OpenID Connect RP-Initiated Logout 1.0 §2).
///
/// It sends `answer`, `sign_out` or `stay_signed_in`, and `csrf`.
package struct ConfirmSignOutView: Sendable {
    /// What the page shares with the rest of its site.
    package var frame: PageFrame
    /// Where the answer is sent.
    package var form: PostForm
    /// The accounts whose sessions would end.
    package var accounts: [AccountLabel]
    /// The application that asked, if it is known.
    package var application: ApplicationLabel?

    /// The page.
    package init(
        frame: PageFrame, form: PostForm, accounts: [AccountLabel], application: ApplicationLabel?
    ) {
        self.frame = frame
        self.form = form
        self.accounts = accounts
        self.application = application
    }

    /// The whole page.
    package var document: PageDocument {
        PageDocument(
            frame, title: "Sign out",
            body: """
                <h1>Sign out of <bdi>\(frame.siteName)</bdi>?</h1>
                \(application?.lede("asked by"))
                \(accounts.map(\.card))
                <p>\(accounts.count > 1 ? Self.several : Self.one) in this browser, and the next \
                application that uses <bdi>\(frame.siteName)</bdi> will ask you to sign in. Other \
                browsers and devices stay signed in.</p>
                \(form.html(class: "pair", buttons))
                """)
    }

    private static let one: HTML = "Your session ends"
    private static let several: HTML = "All these accounts are signed out"

    private var buttons: HTML {
        """
        <button type="submit" class="secondary" name="answer" \
        value="\(Answer.signOut.rawValue)">Sign out</button>
        <button type="submit" class="secondary" name="answer" \
        value="\(Answer.staySignedIn.rawValue)">Stay signed in</button>
        """
    }
}

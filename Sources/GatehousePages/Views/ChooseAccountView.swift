package import GatehouseWeb

/// The page that offers the accounts that are signed in in the browser.
///
/// Each account has a form of its own, which sends `answer`, `continue` or `sign_out`, and `session`;
/// one more sends `answer=another_account`. All send `csrf`.
package struct ChooseAccountView: Sendable {
    /// What the page shares with the rest of its site.
    package var frame: PageFrame
    /// What the person goes on to.
    package var application: ApplicationLabel?
    /// The accounts, the active one first.
    package var accounts: [Choice]
    /// Where the wish for another account is sent.
    package var other: PostForm
    /// The account of a session that has ended while the person looked at the page.
    package var isStale: Bool

    /// One account and the form that goes on with it.
    package struct Choice: Sendable {
        /// The account.
        package var account: AccountLabel
        /// Where the answer is sent.
        package var form: PostForm

        /// A choice.
        package init(account: AccountLabel, form: PostForm) {
            self.account = account
            self.form = form
        }
    }

    /// The page.
    package init(
        frame: PageFrame, application: ApplicationLabel?, accounts: [Choice], other: PostForm,
        isStale: Bool
    ) {
        self.frame = frame
        self.application = application
        self.accounts = accounts
        self.other = other
        self.isStale = isStale
    }

    /// The whole page.
    package var document: PageDocument {
        PageDocument(
            frame, title: "Choose an account",
            body: """
                <h1>Choose an account</h1>
                \(application?.lede("to continue to"))
                \(isStale ? Self.ended : nil)
                <ul class="accounts">
                \(accounts.map(\.html))
                </ul>
                \(other.button("Use another account", answer: Answer.anotherAccount.rawValue))
                """)
    }

    private static let ended: HTML = Alert.note(
        "That account was signed out meanwhile. Choose one of these, or sign in again.")
}

extension ChooseAccountView.Choice {
    fileprivate var html: HTML {
        """
        <li>
        \(form.html(class: "choice", buttons))
        </li>

        """
    }

    private var buttons: HTML {
        """
        <button type="submit" class="account" name="answer" \
        value="\(Answer.continueAs.rawValue)">\(account.inside)</button>
        <button type="submit" class="quiet" name="answer" \
        value="\(Answer.signOut.rawValue)">Sign out<span class="unseen"> of \
        \(account.short)</span></button>
        """
    }
}

package import GatehouseWeb

/// The page that offers the account the browser is signed in as (`prompt=select_account`).
///
/// It sends `answer`, `continue` or `another_account`, and `csrf`.
package struct ContinueAsView: Sendable {
    /// What the page shares with the rest of its site.
    package var frame: PageFrame
    /// Where the answer is sent.
    package var form: PostForm
    /// What the person signs in for.
    package var application: ApplicationLabel?
    /// The account the browser is signed in as.
    package var account: AccountLabel

    /// The page.
    package init(
        frame: PageFrame, form: PostForm, application: ApplicationLabel?, account: AccountLabel
    ) {
        self.frame = frame
        self.form = form
        self.application = application
        self.account = account
    }

    /// The whole page.
    package var document: PageDocument {
        PageDocument(
            frame, title: "Choose an account",
            body: """
                <h1>Choose an account</h1>
                \(application?.lede("to continue to"))
                \(account.card)
                \(form.html(buttons))
                """)
    }

    private var buttons: HTML {
        """
        <button type="submit" class="primary" name="answer" \
        value="\(Answer.continueAs.rawValue)">Continue as \(account.short)</button>
        <button type="submit" class="secondary" name="answer" \
        value="\(Answer.anotherAccount.rawValue)">Use another account</button>
        """
    }
}

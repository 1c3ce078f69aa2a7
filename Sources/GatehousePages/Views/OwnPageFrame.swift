package import GatehouseWeb

/// What stands around the content of a page that belongs to whoever is signed in: who that is, or the
/// button to sign in.
///
/// Its form sends nothing but `csrf` to sign in.
package struct OwnPageFrame: Sendable {
    /// What the page shares with the rest of its site.
    package var frame: PageFrame
    /// Where the forms of the page are sent.
    package var form: PostForm
    /// Who is signed in; nil if nobody is.
    package var account: AccountLabel?

    /// The frame of a page.
    package init(frame: PageFrame, form: PostForm, account: AccountLabel?) {
        self.frame = frame
        self.form = form
        self.account = account
    }

    /// What a page is about.
    struct Words {
        var title: String
        var lede: HTML
        /// Why somebody should sign in.
        var signIn: HTML
    }

    /// The whole page around its content; whoever is not signed in sees none of that.
    func document(
        _ words: Words, tone: PageDocument.Tone, news: HTML?, content: HTML
    ) -> PageDocument {
        PageDocument(
            frame, title: words.title, tone: tone,
            body: """
                <h1>\(words.title)</h1>
                <p class="lede">\(words.lede)</p>
                \(news)
                \(account?.card)
                \(account == nil ? signIn(words) : content)
                """)
    }

    private func signIn(_ words: Words) -> HTML {
        """
        <p>\(words.signIn)</p>
        \(form.html(Self.button))
        """
    }

    private static let button: HTML =
        "<button type=\"submit\" class=\"primary\">Sign in</button>"
}

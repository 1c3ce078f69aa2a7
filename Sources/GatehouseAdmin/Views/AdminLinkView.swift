package import GatehouseWeb

/// Where the one-time administration link leads.
///
/// Opening the link spends nothing, so a preview or a scanner cannot use it up; the button does.
package struct AdminLinkView: Sendable {
    /// What the page shares with the rest of its site.
    package var frame: PageFrame
    /// Where the button leads.
    package var form: PostForm
    /// How long the link is still good for, in words: `9 minutes`.
    package var remaining: String

    /// The page.
    package init(frame: PageFrame, form: PostForm, remaining: String) {
        self.frame = frame
        self.form = form
        self.remaining = remaining
    }

    /// The whole page.
    package var document: PageDocument {
        PageDocument(
            frame, title: "Administration",
            body: """
                <h1>Administration of this instance</h1>
                <p class="lede">This link signs you in as its administrator, once, in this
                browser.</p>
                <p>It was made on the server and is good for another \(remaining). If you did not
                ask for it, close this page: nothing happens until you press the button.</p>
                \(form.html(button))
                """)
    }

    private var button: HTML {
        "<button type=\"submit\" class=\"primary\">Open the administration</button>"
    }
}

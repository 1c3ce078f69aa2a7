/// Where a form is sent and the token that proves it came from our page, made together so that
/// neither can be forgotten.
package struct PostForm: Sendable {
    /// Where the form is sent.
    package var action: Link
    /// The token, sent as `csrf`.
    package var csrf: String
    /// True if it brings files.
    package var bringsFiles = false

    /// What else the form brings back as it is, without the person's doing.
    private var carried: HTML

    /// A form that is sent to an address with a token.
    package init(
        action: Link, csrf: String, carrying values: [(name: StaticString, value: String)] = []
    ) {
        self.action = action
        self.csrf = csrf
        carried = HTML(
            values.map { name, value in
                "<input type=\"hidden\"\(attribute: "name", "\(name)") value=\"\(value)\">"
            })
    }

    /// The form around its contents.
    ///
    /// The class is one of the stylesheet's.
    package func html(class name: StaticString = "stack", _ contents: HTML) -> HTML {
        """
        <form method="post"\(action: action)\(attribute: "class", "\(name)")\
        \(attribute: "enctype", bringsFiles ? "multipart/form-data" : nil)>
        <input type="hidden" name="csrf" value="\(csrf)">\(carried)
        \(contents)
        </form>
        """
    }

    /// A form that is one button; `answer` says which one to a server that offered several.
    package func button(_ words: HTML, answer: String? = nil, isPrimary: Bool = false) -> HTML {
        html(
            class: "one-button",
            """
            \(answer.map { "<input type=\"hidden\" name=\"answer\" value=\"\($0)\">" })
            <button type="submit" class="\(isPrimary ? "primary" : "secondary")">\(words)</button>
            """)
    }
}

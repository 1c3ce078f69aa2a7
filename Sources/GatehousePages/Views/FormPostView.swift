package import GatehouseWeb

/// The page that takes an answer to an application by posting a form (Form Post Response Mode 1.0).
///
/// It sends itself, and has a button for browsers that run no script.
package struct FormPostView: Sendable {
    /// What the page shares with the rest of its site.
    package var frame: PageFrame
    /// The proven redirect URI.
    package var action: Link
    /// What the application is told.
    package var fields: [(name: StaticString, value: String)]
    /// The application's host, in ASCII.
    package var destination: String

    private static let script = InlineScript("document.forms[0].submit()")

    /// The page.
    package init(
        frame: PageFrame, action: Link, fields: [(name: StaticString, value: String)],
        destination: String
    ) {
        self.frame = frame
        self.action = action
        self.fields = fields
        self.destination = destination
    }

    /// The whole page.
    package var document: PageDocument {
        var document = PageDocument(
            frame, title: "Back to the application",
            body: """
                <h1>Back to the application</h1>
                <p class="lede">We are done here. The next step is at <strong>\
                <bdi dir="ltr">\(destination)</bdi></strong>.</p>
                <form method="post"\(action: action) class="stack">
                \(inputs)
                <button type="submit" class="primary">Continue</button>
                </form>
                """)
        document.script = Self.script
        return document
    }

    private var inputs: [HTML] {
        fields.map { name, value in
            "<input type=\"hidden\"\(attribute: "name", "\(name)") value=\"\(value)\">"
        }
    }
}

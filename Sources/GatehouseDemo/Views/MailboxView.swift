package import GatehouseWeb

/// The list of the mails that Gatehouse would have sent.
package struct MailboxView: Sendable {
    /// What the page shares with the rest of its site.
    package var frame: PageFrame
    /// The mails, newest first.
    package var mails: [Entry]

    /// One mail in the list.
    package struct Entry: Sendable, Hashable {
        /// Its subject and its page.
        package var subject: NamedLink
        /// Whom it is for.
        package var recipient: String
        /// When it was sent, for people.
        package var time: String

        /// One mail.
        package init(subject: NamedLink, recipient: String, time: String) {
            self.subject = subject
            self.recipient = recipient
            self.time = time
        }
    }

    /// The page.
    package init(frame: PageFrame, mails: [Entry]) {
        self.frame = frame
        self.mails = mails
    }

    /// The whole page.
    package var document: PageDocument {
        PageDocument(
            frame, title: "Mailbox", layout: .wide,
            body: """
                <section>
                <h1>Mailbox</h1>
                \(mails.isEmpty ? Self.empty : list)
                </section>
                """)
    }

    private static var empty: HTML {
        "<p class=\"empty\">No mail yet. Everything Gatehouse would send is shown here.</p>"
    }

    private var list: HTML {
        DataTable(
            "Mails", columns: ["Subject", "To", "Sent"],
            rows: mails.map {
                [
                    "<a\(href: $0.subject.link)><bdi>\($0.subject.words)</bdi></a>",
                    "<bdi>\($0.recipient)</bdi>", "\($0.time)",
                ]
            }
        ).html
    }
}

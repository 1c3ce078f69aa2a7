package import GatehouseWeb

/// One mail that Gatehouse would have sent.
package struct MailView: Sendable {
    /// What the page shares with the rest of its site.
    package var frame: PageFrame
    /// The mail.
    package var mail: Mail
    /// The list it stands in.
    package var mailbox: Link

    /// A mail.
    package struct Mail: Sendable, Hashable {
        /// Its subject.
        package var subject: String
        /// Whom it is from.
        package var sender: String
        /// Whom it is for.
        package var recipient: String
        /// When it was sent, for people.
        package var time: String
        /// Its plain text.
        package var text: String
        /// The links in it that lead to Gatehouse.
        package var links: [NamedLink]

        /// A mail.
        package init(
            subject: String, sender: String, recipient: String, time: String, text: String,
            links: [NamedLink] = []
        ) {
            self.subject = subject
            self.sender = sender
            self.recipient = recipient
            self.time = time
            self.text = text
            self.links = links
        }
    }

    /// The page.
    package init(frame: PageFrame, mail: Mail, mailbox: Link) {
        self.frame = frame
        self.mail = mail
        self.mailbox = mailbox
    }

    /// The whole page.
    package var document: PageDocument {
        PageDocument(
            frame, title: mail.subject, layout: .wide,
            body: """
                <section>
                <p><a\(href: mailbox)>Mailbox</a></p>
                <h1><bdi>\(mail.subject)</bdi></h1>
                <dl class="facts">
                <div><dt>From</dt><dd><bdi>\(mail.sender)</bdi></dd></div>
                <div><dt>To</dt><dd><bdi>\(mail.recipient)</bdi></dd></div>
                <div><dt>Sent</dt><dd>\(mail.time)</dd></div>
                </dl>
                <div class="letter-text" dir="auto">\(mail.text)</div>
                \(mail.links.isEmpty ? nil : links)
                </section>
                """)
    }

    private var links: HTML {
        let items = mail.links.map { "<li><a\(href: $0.link)>\($0.words)</a></li>" as HTML }
        return "<h2>Links in this mail</h2><ul>\(items)</ul>"
    }
}

package import GatehouseWeb

/// One mail that Gatehouse would have sent.
package struct MailView: Sendable {
    /// What the page shares with the rest of its site.
    package var frame: PageFrame
    /// The mail.
    package var mail: DemoMail

    /// The page.
    package init(frame: PageFrame, mail: DemoMail) {
        self.frame = frame
        self.mail = mail
    }

    /// The whole page.
    package var document: PageDocument {
        PageDocument(
            frame, title: mail.subject, layout: .wide,
            body: """
                <section>
                <h1><bdi>\(mail.subject)</bdi></h1>
                <dl class="facts">
                <div><dt>To</dt><dd><bdi>\(mail.recipient)</bdi></dd></div>
                <div><dt>Sent</dt><dd>\(mail.time)</dd></div>
                </dl>
                <div class="letter-text">\(mail.lines.map(Self.html))</div>
                <p><a href="/mailbox">All mails</a></p>
                </section>
                """)
    }

    /// A line of the mail; one that is an address and nothing else is a link.
    private static func html(_ line: DemoMail.Line) -> HTML {
        switch line {
        case .text(let text): "\(text)\n"
        case .address(let link): "<a\(href: link)>\(link.target)</a>\n"
        }
    }
}

extension DemoMail {
    /// A line of a mail.
    fileprivate enum Line {
        case text(String)
        case address(Link)
    }

    fileprivate var lines: [Line] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            Link(proven: String(line)).map { .address($0) } ?? .text(String(line))
        }
    }
}

/// What is the same on all pages of one site: its name, its language, its stylesheet.
package struct PageFrame: Sendable, Hashable {
    /// The name at the head of the page: the tenant's display name.
    package var siteName: String
    /// The stylesheet, by its fingerprinted path.
    package var stylesheet: Link
    /// What the pages of the site load besides, if they load anything.
    package var ownStylesheet: Link?
    /// The stylesheet of the colours that somebody chose for the site, if they did.
    package var brandStylesheet: Link?
    /// The icon in the browser's tab; `Mark.image` is the file.
    package var icon: Link?
    /// The logo at the head of the page; the mark of Gatehouse if there is none.
    package var logo: LogoImage?
    /// Where the name at the head of the page leads, if it leads anywhere.
    package var home: Link?
    /// Help, privacy, terms: shown at the foot of the page.
    package var footer: [NamedLink]
    /// The language of the words on the page, as a BCP 47 tag.
    package var language: String
    /// The direction in which that language is written.
    package var direction: Direction

    /// The direction of a script.
    package enum Direction: String, Sendable {
        case leftToRight = "ltr"
        case rightToLeft = "rtl"
    }

    /// The frame of a site.
    package init(
        siteName: String, stylesheet: Link, icon: Link? = nil, home: Link? = nil,
        footer: [NamedLink] = [], language: String = "en", direction: Direction = .leftToRight
    ) {
        self.siteName = siteName
        self.stylesheet = stylesheet
        self.icon = icon
        self.home = home
        self.footer = footer
        self.language = language
        self.direction = direction
    }
}

/// A whole page, from the doctype to the end.
///
/// It holds no inline style and nothing from elsewhere, and no script but the one that its policy
/// names, so it works under the narrowest `ContentSecurityPolicy`.
package struct PageDocument: Sendable {
    /// What the page shares with the rest of its site.
    package var frame: PageFrame
    /// What the page is, for the title of the tab; the name of the site is added.
    package var title: String
    /// Whether the page shows a problem; its title then says so first.
    package var tone: Tone
    /// How wide the page is.
    package var layout: Layout
    /// What stands between the head and the foot of the page.
    package var body: HTML
    /// What the page does by itself, if it does anything.
    package var script: InlineScript?
    /// The ways to other pages, beside the content, if there are any; its id is `menu`.
    package var navigation: HTML?
    /// True if the page shows others of this site in frames.
    package var framesThisSite = false
    /// True if others of this site may show the page in a frame.
    package var mayBeFramed = false
    /// Where the browser goes by itself after a while, if it goes anywhere.
    package var onward: Onward?

    /// A way on that the browser takes by itself.
    ///
    /// The page shows a link to the same place as well.
    package struct Onward: Sendable {
        package let link: Link
        package let seconds: Int

        package init(to link: Link, after seconds: Int) {
            self.link = link
            self.seconds = seconds
        }

        var html: HTML {
            "<meta http-equiv=\"refresh\" content=\"\(seconds);url=\(link.target)\">"
        }
    }

    /// Whether a page shows a problem.
    package enum Tone: Sendable {
        case plain
        case problem
    }

    /// How wide a page is: one card for one task, the whole width for tables, or a part of many
    /// with the ways to the others beside it.
    package enum Layout: String, Sendable {
        case card = "narrow"
        case wide = "wide"
        case portal = "wide portal"
    }

    /// A page.
    package init(
        _ frame: PageFrame, title: String, tone: Tone = .plain, layout: Layout = .card, body: HTML
    ) {
        self.frame = frame
        self.title = title
        self.tone = tone
        self.layout = layout
        self.body = body
    }

    /// The markup of the whole document.
    package var html: HTML {
        """
        <!DOCTYPE html>
        <html lang="\(frame.language)" dir="\(frame.direction.rawValue)">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="robots" content="noindex">
        \(onward?.html)
        <title>\(tone == .problem ? "Error: " : "")\(title) – \(frame.siteName)</title>
        <link rel="stylesheet"\(href: frame.stylesheet)>
        \(frame.ownStylesheet.map { "<link rel=\"stylesheet\"\(href: $0)>" as HTML })
        \(frame.brandStylesheet.map { "<link rel=\"stylesheet\"\(href: $0)>" as HTML })
        \(icon)
        </head>
        <body class="\(layout.rawValue)">
        <header class="site">\(siteName)\(navigation == nil ? nil : Self.toMenu)</header>
        <main>
        \(body)
        </main>
        \(navigation)
        \(footer)
        \(script?.html)
        </body>
        </html>

        """
    }

    /// The way to the other pages, which stand behind the content, so that neither a small screen nor
    /// the keyboard has to pass all of them first.
    private static let toMenu: HTML = "<a class=\"to-menu\" href=\"#menu\">Menu</a>"

    private var icon: HTML? {
        frame.logo.map { "<link rel=\"icon\"\(href: $0.light)>" }
            ?? frame.icon.map { "<link rel=\"icon\" type=\"image/svg+xml\"\(href: $0)>" }
    }

    private var siteName: HTML {
        let name: HTML = "\(frame.logo?.html ?? Mark.inline)<bdi>\(frame.siteName)</bdi>"
        return frame.home.map { "<a class=\"brand\"\(href: $0)>\(name)</a>" }
            ?? "<span class=\"brand\">\(name)</span>"
    }

    private var footer: HTML? {
        guard !frame.footer.isEmpty else { return nil }
        let links = frame.footer.map { "<a\(href: $0.link)>\($0.words)</a>" as HTML }
        return "<footer class=\"site\">\(links)</footer>"
    }
}

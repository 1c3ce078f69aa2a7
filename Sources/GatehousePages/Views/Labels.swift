package import GatehouseWeb

/// The application that a person signs in to, as it is named on a page.
package struct ApplicationLabel: Sendable, Hashable {
    /// Its name, chosen by whoever registered it.
    package var name: String
    /// Where the answer will be sent, so that a borrowed name does not deceive.
    package var destination: Destination
    /// What else there is to know of it.
    package var introduction: Introduction?
    /// Its logo, if it has one.
    package var logo: LogoImage?

    /// Where the answer to an application is sent.
    package enum Destination: Sendable, Hashable {
        /// The host of its redirect URI, in ASCII, with a port that is not the usual one.
        case web(host: String)
        /// A program on the computer of the browser, by a loopback address.
        case thisComputer
        /// An installed application, by its private-use scheme.
        case installed(scheme: String)
        /// A device that the person reads a code from (RFC 8628).
        case anotherDevice
    }

    /// What an application says of itself, and how far one may believe it.
    package struct Introduction: Sendable, Hashable {
        /// The host that it identifies itself by; nil if it registered itself.
        package var unverifiedHost: String?
        /// Where it says what it does with data.
        package var policy: Link?
        /// Where it has its terms.
        package var terms: Link?

        /// What an application says of itself.
        package init(unverifiedHost: String?, policy: Link?, terms: Link?) {
            self.unverifiedHost = unverifiedHost
            self.policy = policy
            self.terms = terms
        }
    }

    /// The label of an application.
    package init(
        name: String, destination: Destination, introduction: Introduction? = nil
    ) {
        self.name = name
        self.destination = destination
        self.introduction = introduction
    }

    /// A line that says what the page is for: the words, the name and the destination.
    func lede(_ words: HTML) -> HTML {
        """
        <p class="lede">\(logo?.html)<span class="run"><span>\(words) <strong><bdi>\(name)</bdi></strong></span>
        <span class="place">\(place)</span></span></p>
        \(introduction?.html(isOnThisComputer: destination == .thisComputer))
        """
    }

    private var place: HTML {
        switch destination {
        case .web(let host): "<span class=\"unseen\">at </span><bdi dir=\"ltr\">\(host)</bdi>"
        case .thisComputer: "a program on this computer"
        case .installed(let scheme): "the app <bdi dir=\"ltr\">\(scheme)</bdi>"
        case .anotherDevice: "on another device"
        }
    }
}

extension ApplicationLabel.Introduction {
    /// What a person should know before they go on, and the links of the application.
    fileprivate func html(isOnThisComputer: Bool) -> HTML {
        """
        \(unverifiedHost.map { Self.warning(of: $0, isOnThisComputer: isOnThisComputer) })\
        \(links)
        """
    }

    private static func warning(of host: String, isOnThisComputer: Bool) -> HTML {
        """
        <p class="hint">It identifies itself by <bdi dir="ltr">\(host)</bdi>. It chose its name \
        itself, and nobody here has checked it.\
        \(isOnThisComputer ? onThisComputer : nil)</p>
        """
    }

    private static let onThisComputer: HTML = """
         Any program on this computer could say that it is this one: go on only if you just \
        started it.
        """

    private var links: HTML? {
        guard policy != nil || terms != nil else { return nil }
        return """
            <p class="hint">Of the application: \
            \(policy.map { "<a rel=\"noreferrer\"\(href: $0)>Privacy policy</a> " })\
            \(terms.map { "<a rel=\"noreferrer\"\(href: $0)>Terms of service</a>" })</p>
            """
    }
}

/// The account of a person, as it is named on a page.
package struct AccountLabel: Sendable, Hashable {
    /// The person's name, if it is known.
    package var name: String?
    /// The e-mail address or username that the person signs in with.
    package var signInName: String

    /// The label of an account.
    package init(name: String?, signInName: String) {
        self.name = name
        self.signInName = signInName
    }

    /// The shortest way to name the person.
    var short: HTML { "<bdi>\(name ?? signInName)</bdi>" }

    /// A letter, the name and the sign-in name.
    var card: HTML { "<div class=\"account\">\n\(inside)\n</div>" }

    /// The same without the frame around it.
    var inside: HTML {
        """
        <span class="letter" aria-hidden="true">\(letter)</span>
        <span class="who">\(name.map { "<bdi class=\"name\">\($0)</bdi>" })\
        <bdi class="address">\(signInName)</bdi></span>
        """
    }

    private var letter: String { String((name ?? signInName).prefix(1)).uppercased() }
}

/// The name and value by which a page with several buttons says which one was pressed.
package enum Answer: String, Sendable {
    /// The name under which the answer is sent.
    package static let field = "answer"

    /// Go on with the account that is shown.
    case continueAs = "continue"
    /// Forget the account that is shown and ask for another one.
    case anotherAccount = "another_account"
    /// End the session.
    case signOut = "sign_out"
    /// Keep the session.
    case staySignedIn = "stay_signed_in"
    /// Let a device in.
    case allow = "allow"
    /// Keep a device out.
    case deny = "deny"
}

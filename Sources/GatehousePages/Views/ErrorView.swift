package import GatehouseWeb

/// The page for a request that cannot go on and must not be answered by a redirect.
///
/// A person reads one sentence and what to do; an operator finds the rest under the incident id;
/// whoever builds the application unfolds the rule and, where that is allowed, the difference.
package struct ErrorView: Sendable {
    /// What the page shares with the rest of its site.
    package var frame: PageFrame
    /// What happened, in words.
    package var explanation: Explanation
    /// What happened, for reference.
    package var incident: Incident
    /// The way back, if one is known.
    package var back: NamedLink?
    /// What the developer of the application needs to know.
    package var developer: Developer?

    /// What happened and what to do, in words that stand in the source.
    package struct Explanation: Sendable {
        /// What happened, as a title.
        package var title: String
        /// What happened, in one sentence.
        package var sentence: HTML
        /// What the reader can do.
        package var advice: HTML

        /// An explanation.
        package init(title: StaticString, sentence: HTML, advice: HTML) {
            self.title = "\(title)"
            self.sentence = sentence
            self.advice = advice
        }
    }

    /// The page.
    package init(
        frame: PageFrame, explanation: Explanation, incident: Incident, back: NamedLink? = nil,
        developer: Developer? = nil
    ) {
        self.frame = frame
        self.explanation = explanation
        self.incident = incident
        self.back = back
        self.developer = developer
    }

    /// The whole page.
    package var document: PageDocument {
        PageDocument(
            frame, title: explanation.title, tone: .problem,
            body: """
                <h1>\(explanation.title)</h1>
                <p class="lede">\(explanation.sentence)</p>
                <p>\(explanation.advice)</p>
                \(back?.button)
                \(incident.html)
                \(developer?.html)
                """)
    }
}

/// The id under which an operator finds what happened, and when it was.
package struct Incident: Sendable, Hashable {
    /// The id.
    package var id: String
    /// The time, for machines: `2026-11-21T02:31:05Z`.
    package var timestamp: String
    /// The time, for people: `21 November 2026, 02:31:05 UTC`.
    package var time: String

    /// An incident.
    package init(id: String, timestamp: String, time: String) {
        self.id = id
        self.timestamp = timestamp
        self.time = time
    }

    /// The id and the time.
    var html: HTML {
        """
        <dl class="facts">
        <div><dt>Incident</dt><dd><code>\(id)</code></dd></div>
        <div><dt>Time</dt><dd><time datetime="\(timestamp)">\(time)</time></dd></div>
        </dl>
        """
    }
}

extension ErrorView.Explanation {
    /// The client id is missing, unknown or disabled.
    package static var unknownApplication: Self {
        .init(
            title: "We do not know this application",
            sentence: "The application that sent you here is not registered.",
            advice: """
                Go back to it and try again. If that does not help, tell the \
                people who run it.
                """)
    }

    /// The client is that of an organization in which nobody acts.
    package static var ownerAway: Self {
        .init(
            title: "This application is switched off here",
            sentence: "The organization that it belongs to is suspended or was deleted.",
            advice: "You did nothing wrong. If you need it, tell the people who run it.")
    }

    /// The redirect URI is missing or is not one that the client has registered.
    package static var unknownRedirect: Self {
        .init(
            title: "We cannot send you back",
            sentence: "The application asked for the answer at an address it has not registered.",
            advice: "Tell the people who run it. You did nothing wrong and nothing was shared.")
    }

    /// What the application pushed is unknown, or its time is over.
    package static var requestOver: Self {
        .init(
            title: "This request is over",
            sentence: "What the application asked for has expired or was answered before.",
            advice: "Go back to the application and start again.")
    }

    /// The request breaks a rule and there is nowhere safe to send the answer.
    package static var unreadableRequest: Self {
        .init(
            title: "We could not read this request",
            sentence: "The application that sent you here asked in a way we do not understand.",
            advice: """
                Go back to it and try again. If that does not help, tell the \
                people who run it.
                """)
    }

    /// A form came without its token, or from another site.
    package static var foreignForm: Self {
        .init(
            title: "This form was not sent from our page",
            sentence: "To keep your account safe we did nothing with it.",
            advice: "Go back to the application and start again. Check that cookies are allowed.")
    }

    /// The server failed.
    package static var fault: Self {
        .init(
            title: "Something went wrong on our side",
            sentence: "We could not finish what you asked for.",
            advice: """
                Try again in a moment. If it stays this way, tell us \
                the incident number below.
                """)
    }
}

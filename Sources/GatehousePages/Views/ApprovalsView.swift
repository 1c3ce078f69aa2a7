package import GatehouseWeb

/// The page that lists what applications ask of a person from elsewhere: what asks, for what, and
/// the message to compare.
///
/// It sends `authentication`, `answer`, `allow` or `deny`, and `csrf`; or nothing but `csrf`, to
/// sign in. Neither answer is easier to give than the other.
package struct ApprovalsView: Sendable {
    /// What stands around the content.
    package var page: OwnPageFrame
    /// What is asked, oldest first.
    package var questions: [Question]
    /// What came of the answer that was just given.
    package var news: News?

    /// One thing that an application asks.
    package struct Question: Sendable, Hashable {
        /// How it is named when it is answered.
        package var id: String
        /// The name of the application, chosen by whoever registered it.
        package var application: String
        /// What the application shows elsewhere too, if it sent something.
        package var message: String?
        /// What it asks for, as the values of its scope.
        package var scope: [String]
        /// How long ago: `2 minutes`.
        package var ago: String
        /// The time, for machines: `2026-11-21T02:31:05Z`.
        package var timestamp: String
        /// The time, for people: `21 November 2026, 02:31:05 UTC`.
        package var time: String

        /// A question.
        package init(
            id: String, application: String, message: String?, scope: [String], ago: String,
            timestamp: String, time: String
        ) {
            self.id = id
            self.application = application
            self.message = message
            self.scope = scope
            self.ago = ago
            self.timestamp = timestamp
            self.time = time
        }
    }

    /// What came of an answer.
    package enum News: Sendable, Hashable {
        /// It was allowed.
        case allowed
        /// It was denied.
        case denied
        /// Nothing: somebody answered before, or its time is over.
        case over
    }

    /// The page.
    package init(page: OwnPageFrame, questions: [Question], news: News? = nil) {
        self.page = page
        self.questions = questions
        self.news = news
    }

    /// The whole page.
    package var document: PageDocument {
        page.document(
            .init(
                title: "Requests from elsewhere",
                lede: "Applications that ask to let you in on another device.",
                signIn: "Sign in to see whether something waits for you."),
            tone: news == .over ? .problem : .plain, news: news?.html, content: content)
    }

    private var content: HTML {
        guard !questions.isEmpty else { return "<p>Nothing waits for you.</p>" }
        return """
            \(Self.warning)
            \(questions.map(html))
            """
    }

    private static let warning: HTML = Alert.note(
        """
        <strong>Only allow what you started yourself.</strong> If a message is shown, it must be \
        the same where you started. Otherwise choose Deny: somebody else would get into your \
        account.
        """)

    private func html(_ question: Question) -> HTML {
        """
        <section>
        <h2><bdi>\(question.application)</bdi></h2>
        \(question.message.map { "<p>Message: <strong><bdi>\($0)</bdi></strong></p>" })
        <p>\(question.ago) ago, <time datetime="\(question.timestamp)">\(question.time)</time></p>
        <ul>\(ScopeWords.items(question.scope))</ul>
        \(page.form.html(class: "pair", buttons(question)))
        </section>
        """
    }

    private func buttons(_ question: Question) -> HTML {
        """
        <input type="hidden" name="authentication" value="\(question.id)">
        <button type="submit" class="secondary" name="answer" \
        value="\(Answer.allow.rawValue)">Allow</button>
        <button type="submit" class="secondary" name="answer" \
        value="\(Answer.deny.rawValue)">Deny</button>
        """
    }
}

extension ApprovalsView.News {
    fileprivate var html: HTML {
        switch self {
        case .allowed: Alert.news("You allowed it. The application goes on by itself.")
        case .denied: Alert.news("You denied it. Nothing was shared.")
        case .over:
            Alert.problem(
                "This request is over.",
                "<p>It has expired or was answered already, and nothing was changed.</p>")
        }
    }
}

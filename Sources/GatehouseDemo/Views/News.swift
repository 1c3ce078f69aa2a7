import GatehouseWeb

extension SignedInView {
    /// What just happened, above the tokens.
    package enum News: Sendable, Hashable {
        /// New tokens came.
        case refreshed([Change])
        /// The protected API answered.
        case answered(APIAnswer)
        /// New tokens were asked for and refused, for a reason in the words of OAuth.
        case refused(code: String)
    }

    /// One thing that is different after a refresh.
    package struct Change: Sendable, Hashable {
        /// What: `Access token, jti`.
        package var what: String
        /// What it was.
        package var before: String
        /// What it is.
        package var after: String

        /// One thing that is different.
        package init(what: String, before: String, after: String) {
            self.what = what
            self.before = before
            self.after = after
        }
    }

    /// What the protected API answered.
    package struct APIAnswer: Sendable, Hashable {
        /// The request line, without the token: `GET /api/notes`.
        package var request: String
        /// The status code.
        package var status: Int
        /// The `WWW-Authenticate` header of a refusal.
        package var challenge: String?
        /// The body.
        package var body: String

        /// What the API answered.
        package init(request: String, status: Int, challenge: String? = nil, body: String) {
            self.request = request
            self.status = status
            self.challenge = challenge
            self.body = body
        }
    }
}

extension SignedInView.News {
    var tone: PageDocument.Tone {
        switch self {
        case .refreshed: .plain
        case .answered(let answer): answer.isRefusal ? .problem : .plain
        case .refused: .problem
        }
    }

    var html: HTML {
        switch self {
        case .refreshed(let changes): Alert.news("New tokens came.", Self.table(changes))
        case .answered(let answer): answer.html
        case .refused(let code):
            Alert.problem(
                "Gatehouse gave no new tokens.",
                """
                <p>It answered <code>\(code)</code>. The grant has ended, so sign out and sign in \
                again.</p>
                """)
        }
    }

    private static func table(_ changes: [SignedInView.Change]) -> HTML {
        DataTable(
            "What changed", columns: ["What", "Before", "Now"],
            rows: changes.map {
                ["\($0.what)", "<code>\($0.before)</code>", "<code>\($0.after)</code>"]
            }
        ).html
    }
}

extension SignedInView.APIAnswer {
    var isRefusal: Bool { status >= 400 }

    var html: HTML {
        let details: HTML = """
            <p><code>\(request)</code> answered \(status).\
            \(challenge.map { " Its challenge: <code>\($0)</code>" })</p>
            <pre tabindex="0" role="region" aria-label="Body of the answer"><code>\(body)</code></pre>
            """
        return isRefusal
            ? Alert.problem("The protected API refused the access token.", details)
            : Alert.news("The protected API checked the access token and answered.", details)
    }
}

package import GatehouseWeb

/// The page that asks for the code which a device shows (RFC 8628 §3.3).
///
/// It sends `user_code` and `csrf`.
package struct EnterUserCodeView: Sendable {
    /// What the page shares with the rest of its site.
    package var frame: PageFrame
    /// Where the form is sent.
    package var form: PostForm
    /// What stands in the field.
    package var typed: String
    /// Whether the code came with the address that the person followed.
    package var isFromLink = false
    /// What was wrong with the last attempt.
    package var problem: Problem?

    /// What was wrong with the last attempt.
    package enum Problem: Sendable, Hashable {
        /// The field was empty.
        case missing
        /// Nothing waits for this code: one answer for wrong, expired and used ones.
        case unknown
        /// Codes were tried too often, and this one was not looked at (429).
        case tooOften(retryAfter: Int)
    }

    /// The page.
    package init(frame: PageFrame, form: PostForm, typed: String) {
        self.frame = frame
        self.form = form
        self.typed = typed
    }

    /// The whole page.
    package var document: PageDocument {
        PageDocument(
            frame, title: "Connect a device", tone: problem == nil ? .plain : .problem,
            body: """
                <h1>Connect a device</h1>
                <p class="lede">Enter the code that your device shows.</p>
                \(problem?.html ?? (isFromLink ? Self.note : nil))
                \(form.html(fields))
                <p class="hint">Use only a code from a device in front of you. Nobody from
                <bdi>\(frame.siteName)</bdi> will ever send you one or ask you for one.</p>
                """)
    }

    private static let note: HTML = Alert.note(
        """
        The code below came with the link that you followed. Go on only if your device shows the \
        same one.
        """)

    private var fields: HTML {
        var field = TextField(
            name: "user_code", label: "Code", kind: .text, autocomplete: "one-time-code")
        field.value = typed
        field.hint = "Eight letters. Capitals and the hyphen do not matter."
        field.sharedProblem = problem == nil ? nil : Alert.id
        field.isFocused = problem == nil && !isFromLink
        field.attributes = #" autocapitalize="characters" autocorrect="off" spellcheck="false""#
        return """
            \(field.html)
            <button type="submit" class="primary">Continue</button>
            """
    }
}

extension EnterUserCodeView.Problem {
    fileprivate var html: HTML {
        switch self {
        case .missing: Alert.problem("Enter the code that your device shows.")
        case .unknown:
            Alert.problem(
                "That code does not work.",
                """
                <p>It is mistyped, has expired or was used before. Check it, or have your device \
                show a new one.</p>
                """)
        case .tooOften(let seconds):
            Alert.problem(
                "Too many codes were tried.",
                """
                <p>To keep accounts safe we did not check this one. Try again in \
                \(Wait.words(seconds)).</p>
                """)
        }
    }
}

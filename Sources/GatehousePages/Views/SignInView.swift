package import GatehouseWeb

/// The page that asks who is there: a sign-in name and a password, or the password alone of
/// someone the browser knows.
///
/// It sends `identifier`, `password` and `csrf`; the button that asks for another account sends
/// `answer`. The identifier that comes back from the second variant is there for
/// password managers.
package struct SignInView: Sendable {
    /// What the page shares with the rest of its site.
    package var frame: PageFrame
    /// Where the form is sent.
    package var form: PostForm
    /// What the person signs in for.
    package var application: ApplicationLabel?
    /// Whom the page asks.
    package var subject: Subject
    /// Where an account can be created, if anyone may.
    package var createAccount: Link?
    /// Why the person is asked again, or what there is to know.
    package var note: Note?
    /// What was wrong with the last attempt.
    package var problem: Problem?

    /// Whom the page asks.
    package enum Subject: Sendable, Hashable {
        /// Anyone; what was typed before, or the client's `login_hint`, stands in the field.
        case anyone(identifier: String)
        /// The person the browser is signed in as.
        case known(AccountLabel)
    }

    /// What there is to know before signing in.
    package enum Note: Sendable, Hashable {
        /// The application asked for it (`prompt=login`).
        case applicationAsked
        /// The last sign-in is longer ago than the application accepts (`max_age`).
        case lastSignInTooOld
        /// The last sign-in is longer ago than the organization accepts that was chosen.
        case organizationAsked
        /// Signing in as someone else leaves this account signed in.
        case adds(AccountLabel)
    }

    /// What was wrong with the last attempt.
    package enum Problem: Sendable, Hashable {
        /// No such account, or not its password, or not allowed: one answer for all.
        case mismatch
        /// The organization that the person's address belongs to does not let them in.
        case notMember
        /// A field was empty.
        case incomplete
        /// The server has more to do than it can (503).
        case busy(retryAfter: Int)
        /// It was tried too often, and the password was not looked at (429).
        case tooOften(retryAfter: Int, isKnownDevice: Bool)
    }

    /// The page.
    package init(
        frame: PageFrame, form: PostForm, application: ApplicationLabel?,
        subject: Subject = .anyone(identifier: ""), createAccount: Link? = nil,
        note: Note? = nil, problem: Problem? = nil
    ) {
        self.frame = frame
        self.form = form
        self.application = application
        self.subject = subject
        self.createAccount = createAccount
        self.note = note
        self.problem = problem
    }

    /// The whole page.
    package var document: PageDocument {
        PageDocument(
            frame, title: title, tone: problem == nil ? .plain : .problem,
            body: """
                <h1>\(title)</h1>
                \(application?.lede("to continue to"))
                \(alert)
                \(form.html(fields))
                \(otherWays)
                """)
    }

    private var title: String {
        switch subject {
        case .anyone: "Sign in"
        case .known: "Confirm it is you"
        }
    }

    private var alert: HTML? {
        switch (problem, subject) {
        case (.mismatch, .known): Alert.problem("That password does not match.")
        case (let problem?, _): problem.html
        case (nil, _): note?.html
        }
    }

    private var fields: HTML {
        """
        \(identifier)
        \(password.html)
        <button type="submit" class="primary">\(continuation)</button>
        """
    }

    private var identifier: HTML {
        switch subject {
        case .anyone(let typed):
            var field = TextField(
                name: "identifier", label: "E-mail or username", kind: .text,
                autocomplete: "username")
            field.value = typed
            field.sharedProblem = problem == .mismatch ? Alert.id : nil
            field.isFocused = problem == nil && typed.isEmpty
            field.attributes =
                #" inputmode="email" autocapitalize="none" autocorrect="off" spellcheck="false""#
            return field.html
        case .known(let account):
            return """
                \(account.card)
                <input class="unseen" name="identifier" type="text" autocomplete="username" \
                aria-label="Account" value="\(account.signInName)" readonly tabindex="-1">
                """
        }
    }

    private var password: TextField {
        var field = TextField(
            name: "password", label: "Password", kind: .password,
            autocomplete: "current-password")
        field.sharedProblem = problem == .mismatch ? Alert.id : nil
        field.isFocused = problem == nil && subject != .anyone(identifier: "")
        return field
    }

    private var continuation: HTML {
        switch subject {
        case .anyone: "Sign in"
        case .known: "Continue"
        }
    }

    private var otherWays: HTML? {
        switch subject {
        case .anyone:
            createAccount.map {
                "<p class=\"other\">New here? <a\(href: $0)>Create account</a></p>"
            }
        case .known:
            form.button("Use another account", answer: Answer.anotherAccount.rawValue)
        }
    }
}

extension SignInView.Note {
    fileprivate var html: HTML {
        switch self {
        case .applicationAsked: Alert.note("The application asked that you sign in again.")
        case .lastSignInTooOld:
            Alert.note("You signed in a while ago, so you are asked to do it again.")
        case .organizationAsked:
            Alert.note("You signed in a while ago, so the organization asks that you do it again.")
        case .adds(let account):
            Alert.note(
                """
                You are signed in as \(account.short). That account stays signed in beside the \
                one that you use here.
                """)
        }
    }
}

extension SignInView.Problem {
    var html: HTML {
        switch self {
        case .mismatch: Alert.problem("That e-mail or username and password do not match.")
        case .notMember:
            Alert.problem(
                "Your organization does not let you in.",
                """
                <p>It decides who signs in with its e-mail addresses. Ask one of its \
                administrators to add you, or sign in with another account.</p>
                """)
        case .incomplete: Alert.problem("Enter your e-mail or username, and your password.")
        case .busy(let seconds):
            Alert.problem(
                "We are busy and could not check your password.",
                "<p>Nothing is wrong with what you typed. Try again in \(Wait.words(seconds)).</p>")
        case .tooOften(let seconds, isKnownDevice: true):
            Alert.problem(
                "Too many attempts to sign in.",
                """
                <p>To keep accounts safe we did not check this password. Try again in \
                \(Wait.words(seconds)).</p>
                """)
        case .tooOften(let seconds, isKnownDevice: false):
            Alert.problem(
                "Too many attempts to sign in.",
                """
                <p>To keep accounts safe we did not check this password. Try again in \
                \(Wait.words(seconds)), or at once in a browser that you signed in with before.</p>
                """)
        }
    }
}

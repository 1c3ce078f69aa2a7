package import GatehouseWeb

/// The page that creates an account.
///
/// It sends `email`, `name`, `password` and `csrf`. What was typed stays, except the password. An address that is taken gets the same answer as
/// one that is refused for another reason.
package struct CreateAccountView: Sendable {
    /// What the page shares with the rest of its site.
    package var frame: PageFrame
    /// Where the form is sent.
    package var form: PostForm
    /// What the person creates the account for.
    package var application: ApplicationLabel?
    /// The invitation that the person accepts with it, which says the address.
    package var invitation: InvitationLabel?
    /// Where someone with an account signs in.
    package var signIn: Link
    /// What was typed before.
    package var typed: Typed
    /// What was wrong with the last attempt.
    package var problems: Problems

    /// What was typed into the fields that keep it.
    package struct Typed: Sendable, Hashable {
        /// The e-mail address.
        package var email: String
        /// The name.
        package var name: String

        /// What was typed.
        package init(email: String = "", name: String = "") {
            self.email = email
            self.name = name
        }
    }

    /// What was wrong with the last attempt, field by field.
    package struct Problems: Sendable, Hashable {
        /// What was wrong with the whole of it.
        package var form: Form?
        /// What was wrong with the e-mail address.
        package var email: Email?
        /// What was wrong with the name.
        package var name: Name?
        /// What was wrong with the password.
        package var password: Password?

        /// Nothing, or what is named.
        package init(
            form: Form? = nil, email: Email? = nil, name: Name? = nil, password: Password? = nil
        ) {
            self.form = form
            self.email = email
            self.name = name
            self.password = password
        }

        /// What was wrong with the whole of an attempt.
        package enum Form: Sendable, Hashable {
            /// The account could not be created; an address that is taken is one reason.
            case refused
            /// The server has more to do than it can (503).
            case busy(retryAfter: Int)
            /// Too many accounts were asked for (429).
            case tooOften(retryAfter: Int)
        }
        /// What was wrong with the e-mail address.
        package enum Email: Sendable, Hashable {
            case missing
            case malformed
            /// The organization that the address belongs to says who has accounts with such.
            case managed
        }
        /// What was wrong with the name.
        package enum Name: Sendable, Hashable {
            case malformed
        }
        /// What was wrong with the password.
        package enum Password: Sendable, Hashable {
            case tooShort
            case tooLong
            /// It can be guessed; the hint says why and what to do, in whole sentences.
            case guessable(hint: String)
        }
    }

    /// The page.
    package init(
        frame: PageFrame, form: PostForm, application: ApplicationLabel?, signIn: Link,
        typed: Typed = Typed(), problems: Problems = Problems()
    ) {
        self.frame = frame
        self.form = form
        self.application = application
        self.signIn = signIn
        self.typed = typed
        self.problems = problems
    }

    /// The whole page.
    package var document: PageDocument {
        PageDocument(
            frame, title: "Create account", tone: summary == nil ? .plain : .problem,
            body: """
                <h1>Create account</h1>
                \(application?.lede("to continue to"))\(invitation?.html)
                \(summary)
                \(form.html(fields))
                <p class="other">Have an account? <a\(href: signIn)>Sign in</a></p>
                """)
    }

    private var fields: HTML {
        """
        \(email.html)
        \(name.html)
        \(password.html)
        <button type="submit" class="primary">Create account</button>
        """
    }

    private var email: TextField {
        var field = TextField(name: "email", label: "E-mail", kind: .email, autocomplete: "email")
        field.value = typed.email
        field.problem = problems.email?.words
        field.isFocused = summary == nil && typed.email.isEmpty
        field.attributes = #" inputmode="email" autocapitalize="none" spellcheck="false""#
        if invitation != nil { field.attributes = " readonly" }
        return field
    }

    private var name: TextField {
        var field = TextField(name: "name", label: "Name", kind: .text, autocomplete: "name")
        field.value = typed.name
        field.problem = problems.name?.words
        field.isRequired = false
        field.attributes = #" dir="auto" spellcheck="false""#
        return field
    }

    /// The password, without `maxlength`: a browser would cut a longer one off without a word.
    private var password: TextField {
        var field = TextField(
            name: "password", label: "Password", kind: .password, autocomplete: "new-password")
        field.hint = "At least 8 characters. A few words that do not belong together work well."
        field.problem = problems.password?.words
        field.attributes = #" minlength="8" passwordrules="minlength: 8; maxlength: 256;""#
        return field
    }
}

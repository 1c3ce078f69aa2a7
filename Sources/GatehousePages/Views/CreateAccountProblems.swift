import GatehouseWeb

extension CreateAccountView {
    /// The summary at the head of the form, with a link to each field that needs work.
    var summary: HTML? {
        switch problems.form {
        case .refused:
            Alert.problem(
                "We could not create an account with these details.",
                "<p>If you already have one, <a\(href: signIn)>sign in instead</a>.</p>")
        case .busy(let seconds):
            Alert.problem(
                "We are busy and could not create the account.",
                """
                <p>Nothing is wrong with what you typed. Enter your password again and try in \
                \(Wait.words(seconds)).</p>
                """)
        case .expired:
            Alert.problem(
                "This page was open for too long.",
                "<p>Nothing was created. Enter your password and send the form again.</p>")
        case nil: problems.list
        }
    }
}

extension CreateAccountView.Problems {
    /// The problems of the fields, each a link to its field, or nothing.
    fileprivate var list: HTML? {
        let items: [HTML] = [
            email.map { "<li><a\(href: "#email")>\($0.words)</a></li>" },
            name.map { "<li><a\(href: "#name")>\($0.words)</a></li>" },
            username.map { "<li><a\(href: "#username")>\($0.words)</a></li>" },
            password.map { "<li><a\(href: "#password")>\($0.words)</a></li>" },
        ].compactMap(\.self)
        guard !items.isEmpty else { return nil }
        return Alert.problem("Something needs another look.", "<ul>\(items)</ul>")
    }
}

extension CreateAccountView.Problems.Email {
    var words: HTML {
        switch self {
        case .missing: "Enter your e-mail address."
        case .malformed: "Enter an e-mail address like name@example.com."
        case .tooLong: "Enter an e-mail address with at most 254 characters."
        }
    }
}

extension CreateAccountView.Problems.Name {
    var words: HTML {
        switch self {
        case .tooLong: "Enter a shorter name."
        case .malformed: "Enter a name without control characters."
        }
    }
}

extension CreateAccountView.Problems.Username {
    var words: HTML {
        switch self {
        case .missing: "Enter a username."
        case .malformed: "Use letters, digits, dots, hyphens and underscores for the username."
        }
    }
}

extension CreateAccountView.Problems.Password {
    var words: HTML {
        switch self {
        case .missing: "Choose a password."
        case .tooShort: "Choose a password with at least 8 characters."
        case .tooLong: "Choose a password with at most 256 characters."
        case .common: "Choose another password. This one is among the first that are tried."
        case .guessable(let hint):
            "Choose another password. This one is easy to guess.\(hint.map { " \($0)" })"
        }
    }
}

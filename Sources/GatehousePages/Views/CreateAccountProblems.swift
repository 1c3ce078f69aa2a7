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
        case .tooOften(let seconds):
            Alert.problem(
                "We could not create an account just now.",
                """
                <p>Too many were asked for from your network. Nothing is wrong with what you \
                typed. Try again in \(Wait.words(seconds)).</p>
                """)
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
            password.map { _ in "<li><a\(href: "#password")>Choose another password.</a></li>" },
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
        case .managed:
            "Accounts with this address are made by its organization. Ask there for an invitation."
        }
    }
}

extension CreateAccountView.Problems.Name {
    var words: HTML {
        switch self {
        case .malformed: "Use at most 100 visible characters for the name."
        }
    }
}

extension CreateAccountView.Problems.Password {
    var words: HTML {
        switch self {
        case .tooShort: "Choose a password with at least 8 characters."
        case .tooLong: "Choose a password with at most 256 characters."
        case .guessable(let hint): "\(hint)"
        }
    }
}

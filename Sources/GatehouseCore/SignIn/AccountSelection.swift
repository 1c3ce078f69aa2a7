import GatehouseProtocol

/// Which of the accounts that are signed in in a browser a visit goes on with.
struct AccountSelection: Sendable {
    /// The account; nil if nobody is signed in.
    let account: LiveSession?
    /// False if nothing but the order says that it is this one.
    let isDecided: Bool
    /// When the person said that it is this one; nil if they did not.
    let chosenAt: Timestamp?

    /// What the person said counts first, then whom the client proves that it expects, then whom it
    /// believes that it sends, and then which account is active.
    init(of accounts: [LiveSession], for interaction: Interaction) {
        if let chosen = interaction.chosenSession,
            let account = accounts.first(where: { $0.session.id == chosen })
        {
            self.init(account, isDecided: true, chosenAt: interaction.accountChosenAt)
        } else if let expected = interaction.expectedUser {
            let account = accounts.first { $0.user.id == expected }
            self.init(account ?? accounts.first, isDecided: true)
        } else if let hint = interaction.request.loginHint,
            let account = accounts.first(where: { $0.user.isNamed(by: hint) })
        {
            self.init(account, isDecided: true)
        } else {
            self.init(accounts.first, isDecided: accounts.count <= 1)
        }
    }

    private init(_ account: LiveSession?, isDecided: Bool, chosenAt: Timestamp? = nil) {
        self.account = account
        self.isDecided = isDecided
        self.chosenAt = chosenAt
    }
}

extension User {
    /// True if a `login_hint` names them (OpenID Connect Core §3.1.2.1).
    fileprivate func isNamed(by hint: String) -> Bool {
        switch SignInName(parsing: hint) {
        case .email(let email): email.key == self.email?.key
        case .username(let username): username.key == self.username?.key
        case nil: false
        }
    }
}

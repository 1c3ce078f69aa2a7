package import GatehouseWeb

/// Who invites to what, and for which address, as every page of an invitation says it.
package struct InvitationLabel: Sendable, Hashable {
    /// The name of the organization, chosen by whoever made it.
    package var organization: String
    /// Who invites, in the words of whoever did it; nil if that is not said.
    package var inviter: String?
    /// The address that it is for.
    package var address: String
    /// The logo of the organization, if it has one.
    package var logo: LogoImage?

    /// A label.
    package init(
        organization: String, inviter: String?, address: String, logo: LogoImage? = nil
    ) {
        self.organization = organization
        self.inviter = inviter
        self.address = address
        self.logo = logo
    }

    /// The words at the head of a page.
    var html: HTML {
        """
        <p class="lede of">\(logo?.html)<span>\(whoInvites) to join \
        <strong><bdi>\(organization)</bdi></strong></span></p>
        """
    }

    private var whoInvites: HTML {
        let whom: HTML = "<strong><bdi dir=\"ltr\">\(address)</bdi></strong>"
        return inviter.map { "<strong><bdi>\($0)</bdi></strong> invites \(whom)" }
            ?? "\(whom) is invited"
    }
}

/// The page of an invitation that waits for an answer: a button for the person it is for, or the way
/// to sign in as them.
///
/// It sends `invitation_token` and `csrf`, and `session` to accept, or `identifier` and `password` to
/// sign in.
package struct InvitationView: Sendable {
    /// What the page shares with the rest of its site.
    package var frame: PageFrame
    /// What it is about.
    package var invitation: InvitationLabel
    /// What comes next.
    package var step: Step

    /// What comes next.
    package enum Step: Sendable {
        /// Confirm, as the account with the address.
        case accept(PostForm, as: AccountLabel)
        /// Sign in with the address, or make an account.
        case signIn(
            PostForm, createAccount: Link, note: Note? = nil, problem: SignInView.Problem? = nil)
    }

    /// What there is to know before signing in.
    package enum Note: Sendable, Hashable {
        /// Somebody else is signed in.
        case someoneElse(AccountLabel)
        /// The account is signed in, but nobody knows yet that its address is theirs.
        case unconfirmed(AccountLabel)
    }

    /// The page.
    package init(frame: PageFrame, invitation: InvitationLabel, step: Step) {
        self.frame = frame
        self.invitation = invitation
        self.step = step
    }

    /// The whole page.
    package var document: PageDocument {
        PageDocument(
            frame, title: "Join \(invitation.organization)", tone: hasProblem ? .problem : .plain,
            body: """
                <h1>Join <bdi>\(invitation.organization)</bdi></h1>
                \(invitation.html)
                \(answer)
                """)
    }

    private var hasProblem: Bool {
        if case .signIn(_, _, _, _?) = step { true } else { false }
    }

    private var answer: HTML {
        switch step {
        case .accept(let form, let account):
            """
            \(account.card)
            \(form.html(joinButton))
            <p class="hint">Nothing happens until you press the button. If you did not expect \
            this invitation, close the page.</p>
            """
        case .signIn(let form, let createAccount, let note, let problem):
            """
            \(problem.map(alert) ?? note?.html)
            \(form.html(fields(problem)))
            <p class="other">No account with this address yet? \
            <a\(href: createAccount)>Create account</a></p>
            """
        }
    }

    private var joinButton: HTML {
        """
        <button type="submit" class="primary">Join <bdi>\(invitation.organization)</bdi></button>
        """
    }

    private func alert(_ problem: SignInView.Problem) -> HTML {
        problem == .mismatch ? Alert.problem("That password does not match.") : problem.html
    }

    private func fields(_ problem: SignInView.Problem?) -> HTML {
        var password = TextField(
            name: "password", label: "Password", kind: .password,
            autocomplete: "current-password")
        password.sharedProblem = problem == .mismatch ? Alert.id : nil
        password.isFocused = problem == nil
        var address = TextField(
            name: "identifier", label: "E-mail", kind: .email, autocomplete: "username")
        address.value = invitation.address
        address.attributes = " readonly"
        return """
            \(address.html)
            \(password.html)
            <button type="submit" class="primary">Sign in</button>
            """
    }
}

extension InvitationView.Note {
    fileprivate var html: HTML {
        switch self {
        case .someoneElse(let account):
            Alert.note(
                """
                You are signed in as \(account.short), and the invitation is for somebody else. \
                Go on with the account that has this address; the other one stays signed in.
                """)
        case .unconfirmed(let account):
            Alert.note(
                """
                You are signed in as \(account.short). Enter the password once more, so that we \
                know that the address is yours.
                """)
        }
    }
}

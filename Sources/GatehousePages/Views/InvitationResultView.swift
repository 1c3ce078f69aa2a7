package import GatehouseWeb

/// The page after an invitation was accepted, or where it cannot be.
package struct InvitationResultView: Sendable {
    /// What the page shares with the rest of its site.
    package var frame: PageFrame
    /// What it is about; nil where nobody may know.
    package var invitation: InvitationLabel?
    /// What happened.
    package var outcome: Outcome

    /// What happened.
    package enum Outcome: Sendable, Hashable, CaseIterable {
        /// The person is a member now.
        case joined
        /// The person was a member before, and the invitation is as it was.
        case memberAlready
        /// The link brings no invitation: it is wrong, or there was a later letter.
        case unknown
        /// Its time is over.
        case expired
        /// Somebody took it back.
        case revoked
        /// It was accepted.
        case used
        /// Nobody acts in the organization now.
        case away
        /// A role that it names is gone.
        case roleGone
    }

    /// The page.
    package init(frame: PageFrame, invitation: InvitationLabel?, outcome: Outcome) {
        self.frame = frame
        self.invitation = invitation
        self.outcome = outcome
    }

    /// The whole page.
    package var document: PageDocument {
        PageDocument(
            frame, title: title, tone: isGood ? .plain : .problem,
            body: """
                <h1>\(title)</h1>
                \(invitation.map(about))
                <p>\(explanation)</p>
                """)
    }

    private func about(_ invitation: InvitationLabel) -> HTML {
        isGood
            ? """
            <p class="lede">You belong to <strong><bdi>\(invitation.organization)</bdi></strong> \
            as <bdi dir="ltr">\(invitation.address)</bdi></p>
            """
            : """
            <p class="lede">It was for <bdi dir="ltr">\(invitation.address)</bdi>, to join \
            <strong><bdi>\(invitation.organization)</bdi></strong></p>
            """
    }

    private var isGood: Bool { outcome == .joined || outcome == .memberAlready }

    private var title: String {
        switch outcome {
        case .joined: "You are in"
        case .memberAlready: "You are a member already"
        case .unknown: "This link does not work"
        case .expired: "This invitation has expired"
        case .revoked: "This invitation was taken back"
        case .used: "This invitation was used"
        case .away: "This invitation cannot be accepted now"
        case .roleGone: "This invitation is out of date"
        }
    }

    private var explanation: HTML {
        switch outcome {
        case .joined:
            """
            Open the application that you were invited for. If you are signed in there already, \
            it knows in a few minutes, or once you sign in again.
            """
        case .memberAlready: "Nothing was changed: you have what you had before."
        case .unknown:
            """
            Look whether there is a later letter: only the link in the last one works. If there \
            is none, ask whoever invited you for another.
            """
        case .expired: "Nothing was changed. Ask whoever invited you to send another letter."
        case .revoked:
            "Nothing was changed. If you think that this is a mistake, ask whoever invited you."
        case .used: "It works once. If it was not you, tell whoever invited you."
        case .away:
            """
            Nobody can join the organization at the moment. Nothing was changed; you can try \
            again later.
            """
        case .roleGone:
            """
            It is for a role that is there no more. Nothing was changed; ask whoever invited you \
            for another invitation.
            """
        }
    }
}

import GatehouseWeb

/// What came of what was asked on a page of an organization.
package enum OrganizationNote: Sendable, Hashable {
    case done(Done)
    /// Nothing was changed.
    case problem(Problem)

    /// What was done.
    package enum Done: Sendable, Hashable {
        case renamed
        case memberChanged
        case memberSuspended
        case memberResumed
        case memberRemoved
        case invited
        case invitedAgain
        case invitationRevoked
        case consentTakenBack
        case keyRevoked
    }

    /// Why nothing was done.
    package enum Problem: Sendable, Hashable {
        /// Too long after signing in.
        case stale
        case ownersOnly
        case anotherAccount
        case notTheirsToGive
        /// Somebody was faster.
        case outdated
        case lastOwner
        /// It is gone, or was done before.
        case over
        case name
        case title
        case address
        case noRole(String)
        case tooManyRoles
        case memberAlready
        /// An invitation to the address waits.
        case invited
        case tooMany
        case tooOften(retryAfter: Int)
        case resources
        case scopes
        case days
    }

    var isProblem: Bool {
        if case .problem = self { true } else { false }
    }

    var html: HTML {
        switch self {
        case .done(let done): Alert.news(done.words)
        case .problem(let problem):
            Alert.problem("Nothing was changed.", "<p>\(problem.words)</p>")
        }
    }
}

extension OrganizationNote.Done {
    fileprivate var words: HTML {
        switch self {
        case .renamed: "The organization has its new name."
        case .memberChanged: "The member was changed."
        case .memberSuspended: "The member is suspended and can do nothing here until resumed."
        case .memberResumed: "The member can act here again."
        case .memberRemoved: "The member was removed."
        case .invited: "The invitation is on its way."
        case .invitedAgain: "Another letter is on its way. The one before is worth nothing now."
        case .invitationRevoked: "The invitation was taken back."
        case .consentTakenBack:
            """
            It was taken back. The application is signed out here, and has to ask the member again.
            """
        case .keyRevoked: "The key was revoked."
        }
    }
}

extension OrganizationNote.Problem {
    fileprivate var words: HTML {
        switch self {
        case .stale:
            "Your last sign-in is too long ago. Sign in again, and then repeat what you wanted."
        case .ownersOnly: "Only an owner can do this."
        case .anotherAccount: "Somebody else is signed in in this browser by now."
        case .notTheirsToGive:
            "A key can do no more than you can, or than the roles allow that you can give."
        case .outdated: "Somebody changed this member meanwhile. Look at the page as it is now."
        case .lastOwner: "Nobody else owns the organization."
        case .over: "It was done before, or is there no more."
        case .memberAlready: "Whoever has this address is a member already."
        case .invited: "An invitation to this address waits for an answer. Send that one again."
        case .tooMany: "There are as many as there may be."
        case .tooOften(let seconds):
            "Letters were asked for too often. Try again in \(Wait.words(seconds))."
        case .name, .title, .address, .noRole, .tooManyRoles, .resources, .scopes, .days: field
        }
    }

    /// What is wrong with what was typed.
    var field: HTML {
        switch self {
        case .name: "The name must be one line of 1 to 100 visible characters."
        case .title: "The title must be one line of 1 to 100 visible characters."
        case .address: "That is no e-mail address in plain ASCII, such as kay@example.com."
        case .noRole(let name): "There is no role <bdi>\(name)</bdi> any more."
        case .tooManyRoles: "Those are more roles than a member may have."
        case .resources: "Choose 1 to 10 APIs."
        case .scopes:
            "Each scope must be an action on a resource, such as invoices:read, with spaces between them."
        case .days: "The days must be a number of 1 to 3650, or nothing."
        default: ""
        }
    }
}

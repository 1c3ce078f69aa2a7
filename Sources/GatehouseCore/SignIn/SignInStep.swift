package import GatehouseProtocol

/// What the browser must be shown next.
package enum SignInStep: Sendable, Equatable {
    /// Ask who it is and for proof of it.
    case authenticate(Reason)
    /// Ask which account to go on with.
    case chooseAccount
    /// Ask which organization to go on in.
    case chooseOrganization
    /// Ask what the client may do.
    case askConsent
    /// Everything is settled: answer the client.
    case finish

    /// Why proof is asked for.
    package enum Reason: Sendable, Equatable {
        /// Nobody is signed in.
        case nobody
        /// The client wants fresh proof from whoever is signed in.
        case freshProof
        /// The client expects somebody else than who is signed in.
        case someoneElse
        /// The client wants proof of another kind than what whoever is signed in gave.
        case otherProof
        /// The organization that was selected wants fresh proof after a time.
        case tooOldForOrganization
    }
}

/// What is known when the next step is decided.
package struct SignInState: Sendable {
    package var request: AuthorizationRequest
    /// When the request arrived: proof from before does not answer `prompt=login`.
    package var requestedAt: Timestamp
    /// The live session of the browser.
    package var session: Session?
    /// Whom the client expects, if a verified hint says so.
    package var expectedUser: User.ID?
    package var accountChosenAt: Timestamp?
    /// True if the person has to say which of their organizations it is for.
    package var needsOrganization: Bool
    /// True if the person has to be asked before the client gets anything.
    package var needsConsent: Bool
    /// How long a sign-in counts at the organization that was selected; nil if that does not say.
    package var longestSession: Lifetime?

    package init(
        request: AuthorizationRequest, requestedAt: Timestamp, session: Session?,
        expectedUser: User.ID?, accountChosenAt: Timestamp?, needsOrganization: Bool = false,
        needsConsent: Bool, longestSession: Lifetime? = nil
    ) {
        self.needsOrganization = needsOrganization
        self.request = request
        self.requestedAt = requestedAt
        self.session = session
        self.expectedUser = expectedUser
        self.accountChosenAt = accountChosenAt
        self.needsConsent = needsConsent
        self.longestSession = longestSession
    }

    /// The next step: the whole flow is this one function of what is known.
    package var nextStep: SignInStep {
        guard let session else { return .authenticate(.nobody) }
        if let expectedUser, expectedUser != session.userID {
            return .authenticate(.someoneElse)
        }
        let isFresh = session.authenticatedAt >= requestedAt
        if request.prompt.contains(.login) || request.prompt.contains(.create), !isFresh {
            return .authenticate(.freshProof)
        }
        if let maxAge = request.maxAge, !isFresh,
            session.authenticatedAt + .seconds(maxAge) < requestedAt
        {
            return .authenticate(.freshProof)
        }
        if !request.accepts(session.authenticationMethods.contextClass) {
            return .authenticate(.otherProof)
        }
        if request.prompt.contains(.selectAccount), !isFresh, accountChosenAt == nil {
            return .chooseAccount
        }
        if needsOrganization { return .chooseOrganization }
        if let longestSession, !isFresh, session.authenticatedAt + longestSession <= requestedAt {
            return .authenticate(.tooOldForOrganization)
        }
        return needsConsent ? .askConsent : .finish
    }
}

extension AuthorizationRequest {
    /// The wanted classes that people can meet here.
    ///
    /// Where none of them can be met, the others are only a wish (OpenID Connect Core §5.5.1.1);
    /// an essential class is checked before anybody is asked for anything.
    private var attainableClasses: [AuthenticationContextClass] {
        contextClasses.compactMap(AuthenticationContextClass.init)
    }

    /// True if proof of this class answers the request.
    func accepts(_ contextClass: AuthenticationContextClass?) -> Bool {
        attainableClasses.isEmpty || contextClass.map(attainableClasses.contains) ?? false
    }

    /// Refuses a request for a class that nobody can meet here.
    func requireAttainableClass() throws(OAuthError) {
        guard !isContextClassEssential || !attainableClasses.isEmpty else {
            throw OAuthError(
                .unmetAuthenticationRequirements, "No authentication here is of an essential acr.")
        }
    }
}

package import GatehouseProtocol

/// What the browser must be shown next.
package enum SignInStep: Sendable, Equatable {
    /// Ask who it is and for proof of it.
    case authenticate(Reason)
    /// Ask which account to go on with.
    case chooseAccount
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

    package init(
        request: AuthorizationRequest, requestedAt: Timestamp, session: Session?,
        expectedUser: User.ID?, accountChosenAt: Timestamp?
    ) {
        self.request = request
        self.requestedAt = requestedAt
        self.session = session
        self.expectedUser = expectedUser
        self.accountChosenAt = accountChosenAt
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
        if request.prompt.contains(.selectAccount), !isFresh, accountChosenAt == nil {
            return .chooseAccount
        }
        return .finish
    }
}

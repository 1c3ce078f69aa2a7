private import GatehouseEncoding
package import GatehouseProtocol

/// That a client may exchange tokens, and which for which (RFC 8693).
///
/// Without one, a client may exchange nothing.
package struct ExchangePolicy: Sendable, Identified {
    package typealias ID = Identifier<ExchangePolicy>
    package static let identifierPrefix = "xp"

    package let id: ID
    /// Who may exchange.
    package let clientID: Client.ID
    package let rule: ExchangeRule
    package let createdAt: Timestamp

    package init(for client: Client.ID, _ rule: ExchangeRule, at now: Timestamp) {
        id = ID(at: now)
        clientID = client
        self.rule = rule
        createdAt = now
    }

    init(id: ID, clientID: Client.ID, rule: ExchangeRule, createdAt: Timestamp) {
        self.id = id
        self.clientID = clientID
        self.rule = rule
        self.createdAt = createdAt
    }
}

/// What a policy allows.
///
/// Strict by default; every exception is a value here.
package struct ExchangeRule: Sendable, Hashable {
    package var mode: Mode
    /// What the new tokens may be for; never empty.
    package var resources: [ResourceIndicator]
    /// The clients whose tokens may be exchanged; empty for any.
    package var issuedTo: Set<Client.ID> = []
    /// Whom tokens that may be exchanged are for; empty for any.
    package var audiences: Set<String> = []
    /// What the new token may allow besides what the one that is exchanged does.
    package var additionalScope = Scope.none
    /// True if an ID token may be exchanged too.
    package var acceptsIDTokens = false
    /// The only client that may exchange the new token (`may_act`); nil for any that a policy lets.
    package var successor: Client.ID?
    /// False if the new token does not tell who acts: only where somebody is impersonated.
    package var namesActor = true

    package init(_ mode: Mode, for resources: [ResourceIndicator]) {
        self.mode = mode
        self.resources = resources
    }

    /// How the client may act for a person (RFC 8693 §1.1).
    package enum Mode: String, Sendable, CaseIterable {
        /// It acts for them and stays itself: the token says so.
        case delegation
        /// It acts as if it were them.
        case impersonation
    }

    /// Whether the rule lets a client bring such a token.
    ///
    /// A rule that names neither a client nor an audience is about tokens that are for the client
    /// itself, and no others: what was not meant for it is not its to pass on.
    func covers(_ subject: ExchangeSubject) -> Bool {
        guard subject.type == .accessToken || acceptsIDTokens,
            namesActor || subject.actors == nil
        else { return false }
        guard !issuedTo.isEmpty || !audiences.isEmpty else { return subject.isForClient }
        return (issuedTo.isEmpty || issuedTo.contains(subject.issuedTo))
            && (audiences.isEmpty || subject.audience.contains(where: audiences.contains))
    }

    /// What the new token may be for: what is asked for, or the only resource that there is.
    func targets(_ requested: [ResourceIndicator]) -> [ResourceIndicator]? {
        guard !requested.isEmpty else { return resources.count == 1 ? resources : nil }
        return requested.allSatisfy(resources.contains) ? requested : nil
    }
}

/// What is known of a token that is to be exchanged.
struct ExchangeSubject: Sendable {
    let type: TokenTypeIdentifier
    /// The client that has it by right.
    let issuedTo: Client.ID
    let audience: [String]
    /// True if it is for the client that brings it, or for a resource that this client speaks for.
    let isForClient: Bool
    let scope: Scope
    let expiresAt: Timestamp
    /// What whoever presents it has to prove.
    let confirmation: Confirmation?
    /// Who used it so far.
    let actors: ActorChain?
    /// The only client that may exchange it; nil for any that a policy lets.
    let mayAct: String?
    /// What it stands on, and whom it is about.
    let grant: Grant
    let user: User
}

/// The decision about an exchange: under which policy, and what for.
struct ExchangeDecision: Sendable {
    let policy: ExchangePolicy
    let targets: [ResourceIndicator]
    /// Who acts from now on, and who did before.
    let actors: ActorChain

    /// Why an exchange is refused: the word for the audit, and what the client is told.
    struct Refusal: Error {
        let reason: String
        let error: OAuthError

        init(_ reason: String, _ code: OAuthError.Code, _ description: StaticString) {
            self.reason = reason
            error = OAuthError(code, description)
        }
    }

    /// Decides, by the first policy that lets the client do it.
    ///
    /// To act for somebody and stay oneself is preferred to passing for them; who names an actor
    /// wants only the former.
    init(
        _ request: TokenExchangeRequest, _ subject: ExchangeSubject, by client: Client,
        as actor: Actor, under policies: [ExchangePolicy]
    ) throws(Refusal) {
        if let confirmation = subject.confirmation, request.proof?.confirmation != confirmation {
            throw Refusal(
                "proof", .invalidRequest,
                "The subject_token is bound to a key: a proof of that key is required.")
        }
        if let mayAct = subject.mayAct, !mayAct.isExactly(client.id.text) {
            throw Refusal(
                "may_act", .invalidRequest, "The subject_token names another client to go on.")
        }
        let modes: [ExchangeRule.Mode] =
            request.actorToken == nil ? [.delegation, .impersonation] : [.delegation]
        let covering = modes.flatMap { mode in
            policies.filter { $0.rule.mode == mode && $0.rule.covers(subject) }
        }
        guard !covering.isEmpty else {
            throw Refusal("policy", .invalidRequest, "The client may not exchange this token.")
        }
        let fitting = covering.lazy.compactMap { policy in
            policy.rule.targets(request.resources).map { (policy, $0) }
        }
        guard let (policy, targets) = fitting.first else {
            throw Refusal(
                "target", .invalidTarget, "The client may not exchange this token for that.")
        }
        guard let actors = subject.actors.map({ $0.followed(by: actor) }) ?? ActorChain(actor)
        else {
            throw Refusal(
                "actors", .invalidRequest, "The subject_token was handed on too often.")
        }
        self.policy = policy
        self.targets = targets
        self.actors = actors
    }

    /// What of the scope that is asked for the new token can have.
    ///
    /// Never more than the token that is exchanged, but for what the policy adds, and nothing that
    /// the client is not registered for. A refresh token is not to be had.
    func scope(
        _ requested: Scope?, of subject: ExchangeSubject, by client: Client, at target: TokenTarget
    ) throws(OAuthError) -> Scope {
        let added = policy.rule.additionalScope
        let allowed = target.narrowed(
            client.scope.subtracting(Scope("offline_access"))
                .filter { subject.scope.contains($0) || added.contains($0) })
        guard let requested else { return allowed.intersection(subject.scope) }
        guard requested.isSubset(of: allowed) else {
            throw OAuthError(
                .invalidScope, "The scope exceeds what the token and the policy allow.")
        }
        return requested
    }
}

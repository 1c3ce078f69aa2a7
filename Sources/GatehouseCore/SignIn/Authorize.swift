private import GatehouseEncoding
package import GatehouseProtocol
package import GatehouseSQL

/// Answers authorization requests (RFC 6749 §4.1, OpenID Connect Core §3.1.2): at once where the
/// browser has a session that will do, by way of the hosted pages where it has not.
package struct Authorize: Sendable {
    let database: any Database
    let registry: Registry
    let requestObjects: OpenRequestObject
    let clients: FindClient
    private let refused: RefusedRequests
    private let usage: UsageRecorder

    package init(
        database: any Database, registry: Registry, publishedKeys: PublishedKeys,
        clients: FindClient, refused: RefusedRequests, usage: UsageRecorder
    ) {
        self.usage = usage
        self.refused = refused
        self.database = database
        self.registry = registry
        requestObjects = OpenRequestObject(publishedKeys: publishedKeys)
        self.clients = clients
    }

    /// What becomes of a request.
    package enum Outcome: Sendable {
        /// Nothing is proven, so nobody is sent anywhere: a page says what is wrong.
        case refused(Refusal)
        /// The client gets its answer, by way of the browser.
        case answered(AuthorizationResponse.Delivery)
        /// The person has to do something first; the browser gets this secret if it had none.
        case interact(Interaction, browser: Secret)
    }

    /// Why a request is answered with a page.
    package struct Refusal: Error, Sendable {
        package let rule: Rule
        /// For whoever may see it: what was sent, and what is registered.
        package let sent: String?
        package let registered: [String]

        package enum Rule: String, Sendable {
            case noClientID = "The client_id is missing."
            case repeatedClientID = "The client_id is included more than once."
            case noRedirectURI = "The redirect_uri is missing."
            case repeatedRedirectURI = "The redirect_uri is included more than once."
            case unknownClient = "No client with this client_id can be used here."
            case ownerAway = "The organization of the client is suspended or deleted."
            case unregisteredRedirectURI = "The redirect_uri is not registered for the client."
            case unusableRequestURI = """
                The request_uri is unknown, expired, used before, or of another client.
                """
            case unusableRequestObject = "The request is not one that the client signed for here."
        }

        init(_ rule: Rule, sent: String? = nil, registered: [String] = []) {
            self.rule = rule
            self.sent = sent
            self.registered = registered
        }
    }

    /// A request as it arrived: by itself, or unfolded from what stood for it.
    private struct Arrival: Sendable {
        let form: FormParameters
        /// The digest that a pushed request is kept under.
        var pushed: SecretDigest?
        /// What its client signed, if it signed it.
        var opened: OpenRequestObject.Opened?

        /// True if the client signed it, now or when it pushed it.
        var isSigned: Bool { opened != nil }
    }

    package func begin(
        _ form: FormParameters, at tenant: Tenant, through issuer: Issuer, from browser: Browser,
        on occasion: Occasion
    ) async throws -> Outcome {
        let prove = ProveRequest(registry: registry)
        let arrival: Arrival
        let parties: ProveRequest.Parties
        do {
            arrival = try await unfold(form, at: tenant, through: issuer, on: occasion)
            parties = try await self.parties(of: arrival, at: tenant, through: issuer, on: occasion)
        } catch let refusal as Refusal {
            refused.record(RefusedRequest(form, refused: refusal, on: occasion), of: tenant.id)
            return .refused(refusal)
        }
        let target = Self.target(of: arrival.form, parties, through: issuer)
        do {
            if let problem = arrival.opened?.problem { throw problem }
            try parties.client.require(pushed: arrival.pushed != nil)
            try parties.client.require(signed: arrival.isSigned || arrival.pushed != nil)
            let proven = try await prove.request(
                arrival.form, of: parties, at: tenant, through: issuer, on: occasion)
            let secret = browser.secret ?? Secret(for: .browser)
            let interaction = Interaction(
                proven.request, pushed: arrival.pushed, expecting: proven.expectedUser,
                of: parties.client.id, answering: target, in: secret, at: occasion.now)
            let visit = Visit(
                tenant: tenant, client: parties.client, interaction: interaction, browser: secret)
            return try await proceed(
                visit, isHintCurrent: proven.isHintCurrent, from: browser, on: occasion)
        } catch let error as OAuthError {
            RefusedRequest(arrival.form, of: parties.client, told: error, on: occasion)
                .map { refused.record($0, of: tenant.id) }
            return .answered(
                try await DeliverResponse(registry: registry).deliver(
                    target.response(error: error), to: parties.client, of: tenant.id,
                    at: occasion.now))
        }
    }

    /// Who asks, and where the answer may go.
    ///
    /// What nobody signed says nothing about that: then it is the request beside it that tells where
    /// the client can be told so.
    private func parties(
        of arrival: Arrival, at tenant: Tenant, through issuer: Issuer, on occasion: Occasion
    ) async throws -> ProveRequest.Parties {
        do {
            return try await ProveRequest(registry: registry).parties(
                of: arrival.form, at: tenant, through: issuer, finding: clients, on: occasion)
        } catch let refusal as Refusal {
            throw arrival.opened?.problem == nil ? refusal : Refusal(.unusableRequestObject)
        }
    }

    /// Puts the request in the place of what stands for it: a reference to a pushed one (RFC 9126
    /// §4), or a signed request object (RFC 9101 §6).
    ///
    /// Whatever stands beside it is not read, but for the client's name.
    private func unfold(
        _ form: FormParameters, at tenant: Tenant, through issuer: Issuer, on occasion: Occasion
    ) async throws -> Arrival {
        guard let reference = form[.requestURI], PushedRequest.isReference(reference) else {
            guard let text = form[.request], !form.contains(.requestURI) else {
                return Arrival(form: form)
            }
            return try await open(text, in: form, at: tenant, through: issuer, on: occasion)
        }
        guard !form.isRepeated(.clientID) else { throw Refusal(.repeatedClientID) }
        guard let clientID = form[.clientID] else { throw Refusal(.noClientID) }
        guard let secret = PushedRequest.secret(in: reference),
            let found = try await database.ask({ transaction in
                try transaction.records(of: tenant.id).oneTimeSecrets.find(secret)
            }),
            found.consumedAt == nil, occasion.now < found.expiresAt,
            found.clientID == Client.ID(parsing: clientID)
        else { throw Refusal(.unusableRequestURI) }
        let pushed = try PushedRequest(stored: found.payload)
        guard pushed.issuer.isExactly(issuer.text) else { throw Refusal(.unusableRequestURI) }
        return Arrival(form: pushed.form, pushed: found.digest)
    }

    /// Opens a request object by the keys of the client that is named beside it.
    private func open(
        _ text: String, in form: FormParameters, at tenant: Tenant, through issuer: Issuer,
        on occasion: Occasion
    ) async throws -> Arrival {
        guard !form.isRepeated(.clientID) else { throw Refusal(.repeatedClientID) }
        guard let name = form[.clientID] else { throw Refusal(.noClientID) }
        let client = try await ProveRequest(registry: registry).client(
            name, at: tenant, through: issuer, finding: clients, on: occasion)
        let opened = await requestObjects.open(
            text, of: client, at: tenant.id, through: issuer, on: occasion)
        // The client that was named is the one whose keys counted, whatever the object says.
        return Arrival(form: opened.form?.setting(.clientID, name) ?? form, opened: opened)
    }

    /// Where the answer goes, whatever it will be.
    private static func target(
        of form: FormParameters, _ parties: ProveRequest.Parties, through issuer: Issuer
    ) -> AuthorizationResponseTarget {
        let state = form[.state].flatMap {
            $0.utf8.count <= AuthorizationRequest.valueLimit ? $0 : nil
        }
        return AuthorizationResponseTarget(
            redirectURI: parties.redirectURI,
            mode: parties.client.responseMode(for: form, to: parties.redirectURI), state: state,
            issuer: issuer)
    }

    private func proceed(
        _ visit: Visit, isHintCurrent: Bool, from browser: Browser, on occasion: Occasion
    ) async throws -> Outcome {
        let record = try await record(of: visit, from: browser, on: occasion)
        let step = try await Assessment(visit, record, registry: registry, at: occasion.now).step
        let isDecided = record.selection.isDecided || !visit.isSilent
        if step == .finish, isDecided, let account = record.selection.account,
            isHintCurrent || !visit.isSilent
        {
            let finish = FinishSignIn(database: database, registry: registry, usage: usage)
            return .answered(try await finish.finish(visit, in: account.session, on: occasion))
        }
        guard !visit.isSilent else { throw Self.refusal(at: step, isDecided: isDecided) }
        try await database.write {
            try $0.records(of: visit.tenant.id).interactions.insert(visit.interaction)
        }
        return .interact(visit.interaction, browser: visit.browser)
    }

    /// What a client is told that wants no page to be shown where one has to be (OpenID Connect Core
    /// §3.1.2.6).
    private static func refusal(at step: SignInStep, isDecided: Bool) -> OAuthError {
        guard isDecided else {
            return OAuthError(
                .accountSelectionRequired, "Several accounts are signed in; none is named.")
        }
        switch step {
        case .askConsent:
            return OAuthError(.consentRequired, "The person has not allowed this yet.")
        case .chooseOrganization:
            return OAuthError(
                .interactionRequired, "The person has to choose one of their organizations.")
        case .authenticate, .chooseAccount, .finish:
            return OAuthError(.loginRequired, "Nobody who will do is signed in.")
        }
    }

    /// What is known of the browser; a session whose time is over is ended, so that it stays over if
    /// the clock is set back.
    private func record(
        of visit: Visit, from browser: Browser, on occasion: Occasion
    ) async throws -> VisitRecord {
        let (record, lapsed) = try await database.read { transaction in
            let records = transaction.records(of: visit.tenant.id)
            let accounts = try records.liveSessions(of: browser, in: visit.tenant, at: occasion.now)
            return (
                try records.record(of: visit, by: accounts),
                accounts.count == browser.sessions.count
                    ? [] : try records.lapsedSessions(of: browser, at: occasion.now)
            )
        }
        if !lapsed.isEmpty {
            try await database.write { transaction in
                let sessions = transaction.records(of: visit.tenant.id).sessions
                for id in lapsed { _ = try sessions.end(id, at: occasion.now) }
            }
        }
        return record
    }
}

/// One request of one client on its way, and the browser that it is bound to.
package struct Visit: Sendable {
    package let tenant: Tenant
    package let client: Client
    package let interaction: Interaction
    package let browser: Secret

    /// True if no page may be shown.
    var isSilent: Bool { interaction.request.prompt == .none }
}

extension Client {
    /// Refuses a request that the browser brought itself where the client has to push it.
    fileprivate func require(pushed: Bool) throws(OAuthError) {
        guard pushed || !policies.requiresPushedRequests else {
            throw OAuthError(
                .invalidRequest,
                policies.profile.refusal(lacking: .pushedRequests)
                    ?? "The client has to push its requests (RFC 9126).")
        }
    }
}

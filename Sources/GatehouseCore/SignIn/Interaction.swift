private import GatehouseEncoding
package import GatehouseProtocol
import GatehouseSQL

/// One authorization request on its way through the hosted pages, bound to the browser that began
/// it.
///
/// The record is the only state: the back button, a reload and a second tab all find it.
package struct Interaction: Sendable, Identified {
    package typealias ID = Identifier<Interaction>
    package static let identifierPrefix = "int"

    package let id: ID
    /// The digest of the secret that only the browser which began it has.
    package let browserDigest: SecretDigest
    package let clientID: Client.ID
    package let request: AuthorizationRequest
    package let target: AuthorizationResponseTarget
    /// The digest that the request is kept under, if its client pushed it.
    package let pushed: SecretDigest?
    /// Whom the client expects, as its verified hint said.
    package let expectedUser: User.ID?
    /// What the person decides on once they are signed in; nil where a client waits for a code.
    package let device: DeviceAuthorization.ID?
    /// The page of ours that somebody signs in to see; nil where a client waits for a code.
    package private(set) var page: Page?
    package let createdAt: Timestamp
    package let expiresAt: Timestamp
    /// When the person said which account to go on with, and the session that it has.
    package private(set) var accountChosenAt: Timestamp?
    package private(set) var chosenSession: Session.ID?
    /// The organization that the person chose to go on in.
    package private(set) var chosenOrganization: Organization.ID?
    /// What the person said when they were asked what they allow.
    package let decision: ConsentDecision?
    /// When it first led to an answer.
    package let finishedAt: Timestamp?

    /// How long a person may take.
    package static let lifetime = Lifetime.hours(1)

    /// A page of a person's own.
    package enum Page: String, Sendable {
        /// What clients ask of them from elsewhere.
        case approvals
        /// Which applications may use their account.
        case applications
        /// The organizations that they administer.
        case organizations

        package var endpoint: Endpoint {
            switch self {
            case .approvals: .approvals
            case .applications: .applications
            case .organizations: .organizations
            }
        }

        /// True if even whoever is signed in has to prove once more who they are.
        var needsFreshProof: Bool { self == .organizations }
    }

    package init(
        _ request: AuthorizationRequest, pushed: SecretDigest?, expecting user: User.ID?,
        of client: Client.ID, answering target: AuthorizationResponseTarget, in browser: Secret,
        at now: Timestamp, for device: DeviceAuthorization.ID? = nil
    ) {
        id = ID(at: now)
        browserDigest = browser.digest
        clientID = client
        self.request = request
        self.target = target
        self.pushed = pushed
        expectedUser = user
        self.device = device
        createdAt = now
        expiresAt = now + Self.lifetime
        accountChosenAt = nil
        chosenSession = nil
        chosenOrganization = nil
        decision = nil
        finishedAt = nil
    }

    /// An interaction in which a person signs in to see a page of theirs, by way of one of the
    /// clients that they sign in to.
    init(
        toSee page: Page, at target: AuthorizationResponseTarget, of client: Client.ID,
        in browser: Secret, at now: Timestamp
    ) throws {
        self.init(
            try AuthorizationRequest(
                FormParameters(
                    [("response_type", "code")] + (page.needsFreshProof ? [("max_age", "0")] : []))),
            pushed: nil, expecting: nil, of: client, answering: target, in: browser, at: now)
        self.page = page
    }

    /// The same interaction once the person said with which session it goes on.
    func choosing(_ session: Session.ID, at now: Timestamp) -> Interaction {
        var interaction = self
        interaction.chosenSession = session
        interaction.accountChosenAt = now
        return interaction
    }

    /// The same interaction once the person said which organization it is for.
    func choosing(_ organization: Organization.ID) -> Interaction {
        var interaction = self
        interaction.chosenOrganization = organization
        return interaction
    }

    /// The code that a form of this interaction must carry (ASVS 3.5.1): only the browser that
    /// began it can be given one.
    package func formToken(for browser: Secret) -> String {
        browser.authenticationCode(for: "interaction/\(id.text)")
    }

    package func isValid(formToken: String, from browser: Secret) -> Bool {
        browser.isValid(formToken, for: "interaction/\(id.text)")
    }
}

/// The interactions of one tenant.
package struct InteractionRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    package func find(_ id: Interaction.ID) throws -> Interaction? {
        try transaction.row(
            """
            SELECT id, browser_digest, client_id, request, created_at, expires_at,
                account_chosen_at, session_id, organization_id, decided_by, allowed_scope,
                finished_at
            FROM interaction WHERE tenant_id = \(tenantID) AND id = \(id)
            """
        ).map(Interaction.init)
    }

    package func insert(_ interaction: Interaction) throws {
        try transaction.send(
            """
            INSERT INTO interaction (tenant_id, id, browser_digest, client_id, request, created_at,
                expires_at)
            VALUES (\(tenantID), \(interaction.id), \(interaction.browserDigest),
                \(interaction.clientID), \(interaction.stored), \(interaction.createdAt),
                \(interaction.expiresAt))
            """)
    }

    /// Records with which session the person goes on.
    package func chooseAccount(
        _ id: Interaction.ID, _ session: Session.ID, at now: Timestamp
    ) throws {
        try transaction.send(
            """
            UPDATE interaction SET account_chosen_at = \(now), session_id = \(session)
            WHERE tenant_id = \(tenantID) AND id = \(id)
            """)
    }

    /// Records which organization the person chose.
    package func chooseOrganization(
        _ id: Interaction.ID, _ organization: Organization.ID
    ) throws {
        try transaction.send(
            """
            UPDATE interaction SET organization_id = \(organization)
            WHERE tenant_id = \(tenantID) AND id = \(id)
            """)
    }

    /// Records what the person said.
    ///
    /// True for exactly one of the answers to an interaction.
    package func decide(_ id: Interaction.ID, _ decision: ConsentDecision) throws -> Bool {
        try transaction.execute(
            """
            UPDATE interaction SET decided_by = \(decision.userID),
                allowed_scope = \(decision.allowed?.text)
            WHERE tenant_id = \(tenantID) AND id = \(id) AND decided_by IS NULL
            """) == 1
    }

    /// Records that the interaction led to an answer.
    package func finish(_ id: Interaction.ID, at now: Timestamp) throws {
        try transaction.send(
            """
            UPDATE interaction SET finished_at = \(now)
            WHERE tenant_id = \(tenantID) AND id = \(id) AND finished_at IS NULL
            """)
    }
}

extension Interaction {
    /// The request as the parameters that make it again.
    fileprivate var stored: String {
        let json = JSONWriter.object { json in
            json.add("redirect_uri", target.redirectURI.text)
            json.add("issuer", target.issuer.text)
            if let expectedUser { json.add("expected_user", expectedUser.text) }
            if let device { json.add("device_authorization", device.text) }
            if let page { json.add("page", page.rawValue) }
            if let pushed { json.add("pushed", Base64URL.encode(pushed.bytes)) }
            StoredParameters.add("request", request.parameters, to: &json)
        }
        return String(decoding: json, as: UTF8.self)
    }

    fileprivate init(_ row: Row) throws {
        id = ID(stored: try row.text("id"))
        browserDigest = SecretDigest(stored: try row.bytes("browser_digest"))
        clientID = Client.ID(stored: try row.text("client_id"))
        createdAt = Timestamp(milliseconds: try row.integer("created_at"))
        expiresAt = Timestamp(milliseconds: try row.integer("expires_at"))
        accountChosenAt = try row.optionalInteger("account_chosen_at")
            .map(Timestamp.init(milliseconds:))
        chosenSession = try row.optionalText("session_id").map(Session.ID.init(stored:))
        chosenOrganization = try row.optionalText("organization_id")
            .map(Organization.ID.init(stored:))
        let allowed = try row.optionalText("allowed_scope").map { try Scope(parsing: $0) }
        decision = try row.optionalText("decided_by").map {
            ConsentDecision(userID: User.ID(stored: $0), allowed: allowed)
        }
        finishedAt = try row.optionalInteger("finished_at").map(Timestamp.init(milliseconds:))
        let json = try JSONObject(parsing: Array(try row.text("request").utf8))
        guard let redirectURI = json["redirect_uri"]?.string, let issuer = json["issuer"]?.string,
            let parameters = StoredParameters.form(json["request"])
        else { throw DatabaseError.unexpectedColumn("interaction.request") }
        pushed = json["pushed"]?.string.flatMap { Base64URL.decode($0) }
            .map(SecretDigest.init(stored:))
        expectedUser = json["expected_user"]?.string.map(User.ID.init(stored:))
        device = json["device_authorization"]?.string.map(DeviceAuthorization.ID.init(stored:))
        page = json["page"]?.string.flatMap(Page.init)
        request = try AuthorizationRequest(parameters)
        target = AuthorizationResponseTarget(
            redirectURI: try RedirectURI(registering: redirectURI), mode: request.responseMode,
            state: request.state, issuer: Issuer(stored: issuer))
    }
}

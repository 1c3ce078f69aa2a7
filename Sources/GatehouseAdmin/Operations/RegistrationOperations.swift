import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb

/// What commands do to the way in which clients make themselves known.
struct RegistrationOperations {
    let operation: Operation
    let setting: Operation.Setting

    private var registration: AdministerRegistration { setting.gatehouse.registration }

    func perform() async throws -> JSONValue {
        let tenant = try await operation.tenant(in: setting)
        switch operation.name {
        case .updateRegistration: return try await update(tenant)
        case .createInitialAccessToken: return try await createToken(in: tenant)
        case .listInitialAccessTokens:
            return .array(try await registration.tokens(of: tenant.id).map { $0.shown() })
        case .deleteInitialAccessToken: return try await deleteToken(in: tenant)
        default: return tenant.registrationPolicy.shown
        }
    }

    private func update(_ tenant: Tenant) async throws -> JSONValue {
        let change = try RegistrationChange(operation)
        let changed = try await registration.change(tenant.slug, on: setting.occasion) {
            change.apply(to: &$0)
        }
        guard let changed else {
            throw OperationError(.notFound, "There is no tenant “\(tenant.slug.text)”.")
        }
        return changed.shown
    }

    private func createToken(in tenant: Tenant) async throws -> JSONValue {
        let uses = operation.arguments["uses"]?.integer ?? 1
        guard InitialAccessToken.usesRange.contains(Int(clamping: uses)) else {
            throw OperationError(.wrongUse, "--uses must be 1 to 1000000.")
        }
        let lifetime = try operation.value(
            "expires_in", "--expires-in must be a time such as 30m, 12h or 7d, up to 365d."
        ) { text in
            Lifetime(words: text).flatMap {
                InitialAccessToken.lifetimeRange.contains($0) ? $0 : nil
            }
        }
        var limits = RegistrationLimits()
        limits.scope = try RegistrationChange.scope(operation)
        limits.grantTypes = try RegistrationChange.grantTypes(operation)
        limits.redirectHosts = try RegistrationChange.hosts(operation, "redirect_hosts") ?? []
        let token = InitialAccessToken(
            uses: Int(clamping: uses), limits: limits, lifetime: lifetime ?? .days(7),
            at: setting.occasion.now)
        let secret = try await registration.issue(
            token, in: tenant.id, on: setting.occasion)
        return token.shown(secret)
    }

    private func deleteToken(in tenant: Tenant) async throws -> JSONValue {
        let text = try operation.require("token")
        guard let id = InitialAccessToken.ID(parsing: text),
            try await registration.delete(id, in: tenant.id, on: setting.occasion)
        else { throw OperationError(.notFound, "There is no initial access token “\(text)”.") }
        return ["deleted": .string(text)]
    }
}

/// What a command changes of a tenant's policy, checked before anything is changed.
struct RegistrationChange: Sendable {
    private let preset: RegistrationPolicy?
    private let mode: RegistrationPolicy.Mode?
    private let documents: DocumentTrust.Mode?
    private let allowed: [HostRule]?
    private let denied: [HostRule]?
    private let grantTypes: [GrantType]?
    private let authentications: [RegisteredAuthentication]?
    /// The scope; nil in it for whatever resources know.
    private let scope: Scope??
    private let redirectHosts: [HostRule]?
    private let unusedLifetime: Lifetime?
    private let mostClients: Int?

    init(_ operation: Operation) throws(OperationError) {
        preset = try operation.value("preset", "The preset must be mcp.") {
            ["mcp": RegistrationPolicy.mcp][$0]
        }
        mode = try operation.value(
            "mode", "--mode must be off, initial-access-token or open.",
            RegistrationPolicy.Mode.init)
        documents = try operation.value(
            "documents", "--metadata-documents must be off, listed or any.",
            DocumentTrust.Mode.init)
        allowed = try Self.hosts(operation, "allowed_hosts")
        denied = try Self.hosts(operation, "denied_hosts")
        grantTypes = try Self.grantTypes(operation)
        authentications = try Self.authentications(operation)
        scope =
            operation.text("scope") == "resources"
            ? .some(nil) : try Self.scope(operation).map(Optional.some)
        redirectHosts = try Self.hosts(operation, "redirect_hosts")
        unusedLifetime = try operation.value(
            "unused", "--remove-unused-after must be a time such as 12h or 30d, up to 365d."
        ) { text in
            Lifetime(words: text).flatMap {
                RegistrationPolicy.unusedRange.contains($0) ? $0 : nil
            }
        }
        mostClients = operation.arguments["most_clients"]?.integer.map { Int(clamping: $0) }
        guard mostClients.map(RegistrationPolicy.mostRange.contains) ?? true else {
            throw OperationError(.wrongUse, "--most-clients must be 1 to 1000000.")
        }
    }

    /// Makes the change: first the preset, and then what is said besides.
    func apply(to policy: inout RegistrationPolicy) {
        if let preset { policy = preset }
        if let mode { policy.mode = mode }
        if let documents { policy.documents.mode = documents }
        if let allowed { policy.documents.allowed = allowed }
        if let denied { policy.documents.denied = denied }
        if let grantTypes { policy.grantTypes = grantTypes }
        if let authentications { policy.authentications = authentications }
        if let scope { policy.scope = scope }
        if let redirectHosts { policy.redirectHosts = redirectHosts }
        if let unusedLifetime { policy.unusedLifetime = unusedLifetime }
        if let mostClients { policy.mostClients = mostClients }
    }

    static func scope(_ operation: Operation) throws(OperationError) -> Scope? {
        try operation.value("scope", "The scope holds a character that is not allowed.") {
            try? Scope(parsing: $0)  // the complaint says what is wrong
        }
    }

    static func grantTypes(_ operation: Operation) throws(OperationError) -> [GrantType]? {
        guard let names = operation.arguments["grant_types"]?.strings else { return nil }
        let types = names.compactMap(GrantType.init(parsing:))
            .filter(GrantType.registrable.contains)
        guard types.count == names.count else {
            throw OperationError(
                .wrongUse,
                "--grant-type must be one of: "
                    + GrantType.registrable.map(\.rawValue).joined(separator: ", ") + ".")
        }
        return types
    }

    private static func authentications(
        _ operation: Operation
    ) throws(OperationError) -> [RegisteredAuthentication]? {
        guard let names = operation.arguments["authentications"]?.strings else { return nil }
        guard names.allSatisfy({ RegisteredAuthentication(rawValue: $0) != nil }) else {
            throw OperationError(
                .wrongUse,
                "--authentication must be one of: "
                    + RegisteredAuthentication.allCases.map(\.rawValue).joined(separator: ", ")
                    + ".")
        }
        return RegisteredAuthentication.allCases.filter { names.contains($0.rawValue) }
    }

    /// The rules of a list; a list with nothing but an empty text is none at all.
    static func hosts(
        _ operation: Operation, _ name: String
    ) throws(OperationError) -> [HostRule]? {
        guard let texts = operation.arguments[name]?.strings else { return nil }
        if texts == [""] { return [] }
        let rules = texts.compactMap(HostRule.init(parsing:))
        guard rules.count == texts.count else {
            throw OperationError(
                .wrongUse,
                "A host is a name in lower case such as app.example.com, or *.example.com.")
        }
        return rules
    }
}

extension RegistrationPolicy {
    /// The policy as commands print it.
    var shown: JSONValue {
        func list(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
        return .object(
            JSONObject([
                ("mode", .string(mode.rawValue)),
                ("metadata_documents", .string(documents.mode.rawValue)),
                ("allowed_hosts", list(documents.allowed.map(\.text))),
                ("denied_hosts", list(documents.denied.map(\.text))),
                ("grant_types", list(grantTypes.map(\.rawValue))),
                ("authentications", list(authentications.map(\.rawValue))),
                ("scope", .string(scope?.text ?? "resources")),
                ("redirect_hosts", list(redirectHosts.map(\.text))),
                ("remove_unused_after", .string(unusedLifetime.words)),
                ("most_clients", .integer(Int64(mostClients))),
            ]))
    }
}

extension InitialAccessToken {
    /// The token as commands print it, maybe with the secret that is shown once.
    fileprivate func shown(_ secret: Secret? = nil) -> JSONValue {
        var object = JSONObject([
            ("id", .string(id.text)), ("uses_left", .integer(Int64(usesLeft))),
            ("scope", limits.scope.map { .string($0.text) } ?? .null),
            (
                "grant_types",
                limits.grantTypes.map { .array($0.map { .string($0.rawValue) }) } ?? .null
            ),
            ("redirect_hosts", .array(limits.redirectHosts.map { .string($0.text) })),
            ("created_at", .string(CalendarTime(createdAt).timestamp)),
            ("expires_at", .time(expiresAt)),
        ])
        if let secret { object.add("initial_access_token", .string(secret.revealed)) }
        return .object(object)
    }
}

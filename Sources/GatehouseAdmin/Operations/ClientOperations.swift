import GatehouseCore
import GatehouseEncoding
import GatehouseJOSE
import GatehouseProtocol

/// What commands do to clients.
struct ClientOperations {
    let operation: Operation
    let setting: Operation.Setting

    private var clients: AdministerClients { setting.gatehouse.clients }

    func perform() async throws -> JSONValue {
        let tenant = try await operation.tenant(in: setting)
        switch operation.name {
        case .createClient: return try await create(in: tenant)
        case .listClients:
            let after = try operation.value(
                "after", "--after needs the id of a client.", Client.ID.init(parsing:))
            return .array(
                try await clients.list(in: tenant.id, after: after, limit: operation.limit())
                    .map { $0.shown() })
        case .updateClient: return try await update(in: tenant)
        case .deleteClient:
            let client = try await find(in: tenant)
            _ = try await clients.delete(client.id, in: tenant.id, on: setting.occasion)
            return ["deleted": .string(client.id.text)]
        case .addSecret: return try await addSecret(in: tenant)
        case .removeSecret: return try await removeSecret(in: tenant)
        case .setLogos:
            return try await setLogos(try ManageLogos.Images(operation), in: tenant)
        case .removeLogos: return try await setLogos(nil, in: tenant)
        case .showUsage: return try await showUsage(in: tenant)
        default:
            return try await show(in: tenant)
        }
    }

    private func show(in tenant: Tenant) async throws -> JSONValue {
        let client = try await find(in: tenant)
        let secrets = try await clients.secrets(of: client.id, in: tenant.id)
        let forecast = try await setting.gatehouse.foreseeTokens.longest(of: client, in: tenant.id)
        if let forecast, forecast.fit != .comfortable { setting.warnings.add(forecast.warning) }
        return client.shown(secrets: secrets, longestTokens: forecast)
    }

    private func showUsage(in tenant: Tenant) async throws -> JSONValue {
        let client = try await find(in: tenant)
        let days = operation.arguments["days"]?.integer ?? 7
        guard (0...89).contains(days) else {
            throw OperationError(.wrongUse, "--days must be 0 to 89.")
        }
        return try await clients.usage(
            of: client.id, in: tenant.id, days: days, at: setting.occasion.now
        ).shown(of: client.id)
    }

    private func find(in tenant: Tenant) async throws -> Client {
        try await operation.client(of: tenant, in: setting)
    }

    private func create(in tenant: Tenant) async throws -> JSONValue {
        let kindName = try operation.require("type")
        guard let kind = Client.Kind(rawValue: kindName) else {
            throw OperationError(.wrongUse, "The type must be web, spa, native or machine.")
        }
        let complaint = "The name must be one line of 1 to 100 visible characters."
        let typed = try operation.require("name")
        guard let name = DisplayName(parsing: typed) else {
            throw OperationError(.wrongUse, complaint, about: "name")
        }
        var client = Client(name: name, kind: kind, at: setting.occasion.now)
        let profile = try ProfileChange(operation)
        profile.begin(&client)
        try ClientChange(operation).apply(to: &client)
        try await requireOrganizations(of: client, in: tenant)
        try profile.apply(to: &client)
        try client.requireFittingLogout(servedAt: setting.addresses.base.text)
        try client.requireFittingNotification(servedAt: setting.addresses.base.text)
        guard
            kind == .machine || client.policies.allowsDeviceAuthorization
                || client.policies.allowsBackchannelAuthentication
                || !client.redirectURIs.isEmpty
        else {
            throw OperationError(
                .wrongUse,
                "A \(kindName) client needs at least one --redirect-uri or --device-authorization.")
        }
        let secret = try await clients.create(
            client, in: tenant.id, on: setting.occasion,
            managed: operation.mark(.client, client.id.text))
        try await foresee(client, in: tenant)
        return client.shown(secret: secret)
    }

    private func update(in tenant: Tenant) async throws -> JSONValue {
        let client = try await find(in: tenant)
        let change = try ClientChange(operation)
        let profile = try ProfileChange(operation)
        let apply = { @Sendable (client: inout Client) throws(OperationError) in
            profile.begin(&client)
            try change.apply(to: &client)
            try profile.apply(to: &client)
        }
        var trial = client
        try apply(&trial)
        try await requireOrganizations(of: trial, in: tenant)
        try trial.requireFittingLogout(servedAt: setting.addresses.base.text)
        try trial.requireFittingNotification(servedAt: setting.addresses.base.text)
        let disabled = operation.arguments["disabled"]?.bool
        let now = setting.occasion.now
        let outcome = try await clients.update(
            client.id, in: tenant.id, on: setting.occasion
        ) { [setting] client in
            setting.edit(&client, shown: { $0.shown() }) { client in
                // Applied once before, so that it cannot fail here.
                try? apply(&client)
                if let disabled { client.disabledAt = disabled ? client.disabledAt ?? now : nil }
            }
        }
        let changed = try outcome.record(or: "The client is gone.")
        try await foresee(changed, in: tenant)
        return changed.shown()
    }

    /// Warns if a command that changed what a client is told of organizations made its tokens long.
    private func foresee(_ client: Client, in tenant: Tenant) async throws {
        guard operation.changesOrganizations else { return }
        try await setting.foresee(.client(client), in: tenant)
    }

    private func setLogos(
        _ images: ManageLogos.Images?, in tenant: Tenant
    ) async throws -> JSONValue {
        let client = try await find(in: tenant)
        let changed = try await setting.gatehouse.logos.set(
            images, of: client.id, in: tenant.id, on: setting.occasion)
        guard let changed else { throw OperationError(.notFound, "The client is gone.") }
        return changed.shown()
    }

    /// Refuses organizations that are not there, which a client is told of or belongs to.
    private func requireOrganizations(of client: Client, in tenant: Tenant) async throws {
        guard operation.namesOrganizations else { return }
        for id in client.policies.organizations.named {
            guard try await setting.gatehouse.organizations.find(id, in: tenant.id) != nil else {
                throw OperationError(
                    .notFound,
                    "There is no organization “\(id.text)” in “\(tenant.slug.text)”.")
            }
        }
    }

    private func addSecret(in tenant: Tenant) async throws -> JSONValue {
        let client = try await find(in: tenant)
        guard client.authentication.needsSecret else {
            throw OperationError(
                .wrongUse,
                "The client authenticates by \(client.authentication.name) and takes no secret.")
        }
        let (record, secret) = try await clients.addSecret(
            to: client.id, in: tenant.id, on: setting.occasion)
        return [
            "client_id": .string(client.id.text), "id": .string(record.id.text),
            "client_secret": .string(secret.revealed),
        ]
    }

    private func removeSecret(in tenant: Tenant) async throws -> JSONValue {
        let client = try await find(in: tenant)
        let text = try operation.require("secret")
        guard let id = ClientSecret.ID(parsing: text),
            try await clients.removeSecret(id, of: client.id, in: tenant.id, on: setting.occasion)
        else { throw OperationError(.notFound, "The client has no secret “\(text)”.") }
        return ["deleted": .string(text)]
    }
}

/// What a command changes of a client, checked before anything is changed.
struct ClientChange: Sendable {
    private let name: DisplayName?
    private let redirectURIs: [RedirectURI]?
    private let postLogoutRedirectURIs: [RedirectURI]?
    private let scope: Scope?
    private let requiresPKCE: Bool?
    private let refreshTokens: ClientPolicies.RefreshTokens?
    private let rotation: ClientPolicies.Rotation?
    private let rotationLeeway: Lifetime?
    private let accessTokenLifetime: Lifetime?
    private let idTokenAlgorithm: Algorithm?
    private let accessTokenAlgorithm: Algorithm?
    private let audience: String?
    private let accessTokenHasEmail: Bool?
    private let authentication: AuthenticationChange
    private let userInfoScope: ClientPolicies.UserInfoScope?
    private let tokenBinding: TokenBindingChange
    private let requiresDPoPNonce: Bool?
    private let allowsDeviceAuthorization: Bool?
    private let requiresPushedRequests: Bool?
    private let responseModes: [ResponseMode]?
    private let asksElsewhere: Bool?
    private let consent: ConsentChange
    private let logout: LogoutChange
    private let delivery: TokenDeliveryChange
    private let organizations: OrganizationAccessChange

    init(_ operation: Operation) throws(OperationError) {
        name = try operation.displayName()
        redirectURIs = try Self.uris(operation, "redirect_uris")
        postLogoutRedirectURIs = try Self.uris(operation, "post_logout_redirect_uris")
        scope = try operation.value("scope", "The scope holds a character that is not allowed.") {
            try? Scope(parsing: $0)  // the complaint says what is wrong
        }
        requiresPKCE = try operation.value("pkce", "--pkce must be required or optional.") {
            ["required": true, "optional": false][$0]
        }
        refreshTokens = try operation.value(
            "refresh_tokens", "--refresh-tokens must be offline_access, always or never.",
            ClientPolicies.RefreshTokens.init)
        rotation = try operation.value(
            "rotation", "--rotation must be rotate or stable.", ClientPolicies.Rotation.init)
        rotationLeeway = try Self.seconds(operation, "rotation_leeway", 0...60)
        accessTokenLifetime = try Self.seconds(operation, "access_token_lifetime", 30...86_400)
        idTokenAlgorithm = try Self.algorithm(operation, "id_token_algorithm")
        accessTokenAlgorithm = try Self.algorithm(operation, "access_token_algorithm")
        audience = try Self.audience(operation)
        accessTokenHasEmail = operation.arguments["access_token_email"]?.bool
        authentication = try AuthenticationChange(operation)
        userInfoScope = try operation.value(
            "userinfo_scope", "--userinfo-scope must be granted or registered.",
            ClientPolicies.UserInfoScope.init)
        tokenBinding = try TokenBindingChange(operation)
        requiresDPoPNonce = try Self.dpopNonce(operation)
        allowsDeviceAuthorization = operation.arguments["device_authorization"]?.bool
        requiresPushedRequests =
            operation.arguments["require_pushed_authorization_requests"]?.bool
        responseModes = try Self.responseModes(operation)
        asksElsewhere = operation.arguments["backchannel_authentication"]?.bool
        consent = try ConsentChange(operation)
        logout = try LogoutChange(operation)
        delivery = try TokenDeliveryChange(operation)
        organizations = try OrganizationAccessChange(operation)
    }

    /// Makes the change, or says why it cannot be made.
    func apply(to client: inout Client) throws(OperationError) {
        try authentication.apply(to: &client)
        if let name { client.name = name }
        if let redirectURIs { client.redirectURIs = redirectURIs }
        if let postLogoutRedirectURIs { client.postLogoutRedirectURIs = postLogoutRedirectURIs }
        if let scope { client.scope = scope }
        if let requiresPKCE {
            guard requiresPKCE || client.isConfidential else {
                throw OperationError(.wrongUse, "PKCE cannot be optional for a public client.")
            }
            client.policies.requiresPKCE = requiresPKCE
        }
        if let refreshTokens { client.policies.refreshTokens = refreshTokens }
        if let rotation {
            guard rotation == .rotate || client.isConfidential else {
                throw OperationError(
                    .wrongUse,
                    "Refresh tokens of a public client must be rotated (RFC 9700 §2.2.2).")
            }
            client.policies.rotation = rotation
        }
        if let rotationLeeway { client.policies.rotationLeeway = rotationLeeway }
        if let accessTokenLifetime { client.policies.accessTokenLifetime = accessTokenLifetime }
        if let idTokenAlgorithm { client.policies.idTokenAlgorithm = idTokenAlgorithm }
        if let accessTokenAlgorithm { client.policies.accessTokenAlgorithm = accessTokenAlgorithm }
        if let audience { client.policies.audience = audience }
        if let accessTokenHasEmail { client.policies.accessTokenHasEmail = accessTokenHasEmail }
        if let userInfoScope { client.policies.userInfoScope = userInfoScope }
        tokenBinding.apply(to: &client)
        if let requiresDPoPNonce { client.policies.requiresDPoPNonce = requiresDPoPNonce }
        try applyDeviceAuthorization(to: &client)
        if let requiresPushedRequests {
            client.policies.requiresPushedRequests = requiresPushedRequests
        }
        if let responseModes { client.policies.responseModes = responseModes }
        consent.apply(to: &client)
        logout.apply(to: &client)
        try applyBackchannelAuthentication(to: &client)
        try delivery.apply(to: &client)
        try organizations.apply(to: &client)
    }

    private func applyDeviceAuthorization(to client: inout Client) throws(OperationError) {
        guard let allowsDeviceAuthorization else { return }
        guard !allowsDeviceAuthorization || client.kind != .machine else {
            throw OperationError(.wrongUse, "A machine acts for itself: nobody lets it in.")
        }
        client.policies.allowsDeviceAuthorization = allowsDeviceAuthorization
    }

    private static func audience(_ operation: Operation) throws(OperationError) -> String? {
        try operation.value(
            "audience", "The audience must be 1 to 500 visible ASCII characters."
        ) { text in
            (1...500).contains(text.utf8.count)
                && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } ? text : nil
        }
    }

    private static func dpopNonce(_ operation: Operation) throws(OperationError) -> Bool? {
        try operation.value("dpop_nonce", "--dpop-nonce must be required or optional.") {
            ["required": true, "optional": false][$0]
        }
    }

    private func applyBackchannelAuthentication(
        to client: inout Client
    ) throws(OperationError) {
        guard let asksElsewhere else { return }
        guard !asksElsewhere || (client.isConfidential && client.kind != .machine) else {
            throw OperationError(
                .wrongUse,
                "Only a client that signs people in and proves who it is may ask from elsewhere.")
        }
        client.policies.allowsBackchannelAuthentication = asksElsewhere
    }

    private static func uris(
        _ operation: Operation, _ name: String
    ) throws(OperationError) -> [RedirectURI]? {
        guard let texts = operation.arguments[name]?.strings else { return nil }
        var uris: [RedirectURI] = []
        for text in texts {
            do throws(RedirectURI.Refusal) {
                uris.append(try RedirectURI(registering: text))
            } catch {
                throw OperationError(
                    .wrongUse, "“\(text)” cannot be registered: \(error.rawValue).")
            }
        }
        return uris
    }

    private static func responseModes(
        _ operation: Operation
    ) throws(OperationError) -> [ResponseMode]? {
        guard let names = operation.arguments["response_modes"]?.strings else { return nil }
        let modes = names.compactMap(ResponseMode.init(parsing:))
        guard !modes.isEmpty, modes.count == names.count else {
            throw OperationError(
                .wrongUse,
                "--response-mode must be query, fragment or form_post, or one of these with .jwt.")
        }
        return modes
    }

    private static func algorithm(
        _ operation: Operation, _ name: String
    ) throws(OperationError) -> Algorithm? {
        try operation.value(
            name, "The algorithm must be RS256, PS256, ES256 or EdDSA.", Algorithm.init(name:))
    }

    private static func seconds(
        _ operation: Operation, _ name: String, _ range: ClosedRange<Int64>
    ) throws(OperationError) -> Lifetime? {
        guard let number = operation.arguments[name]?.integer else { return nil }
        guard range.contains(number) else {
            throw OperationError(
                .wrongUse, "\(name) must be \(range.lowerBound) to \(range.upperBound) seconds.")
        }
        return .seconds(number)
    }
}

private import GatehouseJOSE
import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb

extension Tenant {
    /// The tenant as commands print it.
    func shown(_ baseURL: String) -> JSONValue {
        .object(
            JSONObject([
                ("id", .string(id.text)), ("slug", .string(slug.text)), ("name", .string(name)),
                ("issuer", .string("\(baseURL)/t/\(slug.text)")),
                (
                    "discovery",
                    .string("\(baseURL)/t/\(slug.text)/.well-known/openid-configuration")
                ),
                ("registration", .string(registrationIsOpen ? "open" : "closed")),
                ("explain_errors", .bool(explainsErrors)),
                ("created_at", .string(CalendarTime(createdAt).timestamp)),
                ("disabled_at", .time(disabledAt)),
            ]))
    }
}

extension User {
    /// The user as commands print it.
    var shown: JSONValue {
        .object(
            JSONObject([
                ("id", .string(id.text)), ("email", .optional(email?.text)),
                ("email_verified", .bool(emailVerifiedAt != nil)),
                ("username", .optional(username?.text)), ("name", .optional(name?.text)),
                ("has_password", .bool(passwordHash != nil)),
                ("created_at", .string(CalendarTime(createdAt).timestamp)),
                ("disabled_at", .time(disabledAt)),
            ]))
    }
}

extension Client {
    /// The client as commands print it, maybe with the secret that is shown once.
    func shown(secret: Secret? = nil, secrets: [ClientSecret]? = nil) -> JSONValue {
        var object = JSONObject([
            ("client_id", .string(id.text)), ("name", .string(name.text)),
            ("type", .string(kind.rawValue)),
            ("redirect_uris", .array(redirectURIs.map { .string($0.text) })),
            (
                "post_logout_redirect_uris",
                .array(postLogoutRedirectURIs.map { .string($0.text) })
            ),
            ("scope", .string(scope.text)),
            ("grant_types", .array(grantTypes.map { .string($0.rawValue) })),
            ("pkce", .string(policies.requiresPKCE ? "required" : "optional")),
            ("refresh_tokens", .string(policies.refreshTokens.rawValue)),
            ("rotation", .string(policies.rotation.rawValue)),
            ("rotation_leeway", .integer(policies.rotationLeeway.seconds)),
            ("access_token_lifetime", .integer(policies.accessTokenLifetime.seconds)),
            ("id_token_algorithm", .string(policies.idTokenAlgorithm.name)),
            ("access_token_algorithm", .string(policies.accessTokenAlgorithm.name)),
            ("audience", .string(policies.audience ?? id.text)),
            ("access_token_email", .bool(policies.accessTokenHasEmail)),
            ("userinfo_scope", .string(policies.userInfoScope.rawValue)),
            ("dpop_bound_access_tokens", .bool(policies.requiresDPoP)),
            ("dpop_nonce", .string(policies.requiresDPoPNonce ? "required" : "optional")),
            ("device_authorization", .bool(policies.allowsDeviceAuthorization)),
            (
                "require_pushed_authorization_requests", .bool(policies.requiresPushedRequests)
            ),
            ("response_modes", .array(policies.responseModes.map { .string($0.text) })),
            ("created_at", .string(CalendarTime(createdAt).timestamp)),
            ("disabled_at", .time(disabledAt)),
        ])
        policies.addConsent(to: &object)
        object.add("authentication", .string(authentication.name))
        switch authentication.keys {
        case nil: break
        case .registered(let keys): object.add("jwks", .object(keys.jsonObject))
        case .published(let address): object.add("jwks_uri", .string(address.text))
        }
        if let secret { object.add("client_secret", .string(secret.revealed)) }
        if let secrets { object.add("secrets", .array(secrets.map(\.shown))) }
        return .object(object)
    }
}

extension ClientSecret {
    var shown: JSONValue {
        .object(
            JSONObject([
                ("id", .string(id.text)),
                ("created_at", .string(CalendarTime(createdAt).timestamp)),
                ("last_used_at", .time(lastUsedAt)),
            ]))
    }
}

extension TenantKey {
    /// The key as commands print it.
    func shown(at now: Timestamp) -> JSONValue {
        .object(
            JSONObject([
                ("kid", .string(id)), ("algorithm", .string(algorithm.name)),
                ("state", .string(state(at: now).rawValue)),
                ("activates_at", .string(CalendarTime(activatesAt).timestamp)),
                ("retires_at", .time(retiresAt)), ("removed_at", .time(removedAt)),
            ]))
    }
}

extension JSONValue {
    static func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }

    static func time(_ moment: Timestamp?) -> JSONValue {
        moment.map { .string(CalendarTime($0).timestamp) } ?? .null
    }
}

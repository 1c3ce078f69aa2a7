private import GatehouseJOSE
package import GatehouseCore
package import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb

extension Tenant {
    /// The tenant as commands print it.
    func shown(_ addresses: InstanceAddresses) -> JSONValue {
        let issuer = primaryIssuer(base: addresses.base)
        return .object(
            JSONObject([
                ("id", .string(id.text)), ("slug", .string(slug.text)), ("name", .string(name)),
                ("issuer", .string(issuer.text)),
                ("discovery", .string(issuer.url(Endpoint.openIDConfiguration.path))),
                ("allowed_origins", .array(allowedOrigins.map { .string($0.text) })),
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
    func shown(
        secret: Secret? = nil, secrets: [ClientSecret]? = nil, longestTokens: TokenForecast? = nil
    ) -> JSONValue {
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
            ("backchannel_authentication", .bool(policies.allowsBackchannelAuthentication)),
            ("created_at", .string(CalendarTime(createdAt).timestamp)),
            ("disabled_at", .time(disabledAt)),
        ])
        policies.addConsent(to: &object)
        showDescription(in: &object)
        policies.organizations.add(to: &object)
        if let longestTokens { object.add("longest_tokens", longestTokens.shown) }
        showLogout(in: &object)
        showAuthentication(in: &object)
        if let secret { object.add("client_secret", .string(secret.revealed)) }
        if let secrets { object.add("secrets", .array(secrets.map(\.shown))) }
        return .object(object)
    }

    /// Adds what people see of it.
    private func showDescription(in object: inout JSONObject) {
        if let logos = shownLogos { object.add("logos", logos.shown) }
        let description = registration.description
        if let policy = description.policy { object.add("policy_uri", .string(policy)) }
        if let terms = description.terms { object.add("tos_uri", .string(terms)) }
    }

    private func showAuthentication(in object: inout JSONObject) {
        object.add(
            "tls_client_certificate_bound_access_tokens", .bool(policies.requiresCertificate))
        object.add("authentication", .string(authentication.name))
        if let name = authentication.certificateName {
            object.add(name.member, .string(name.text))
        }
        object.add("origin", .string(registration.origin.name))
        addProfile(to: &object)
        switch keys {
        case nil: break
        case .registered(let keys): object.add("jwks", .object(keys.jsonObject))
        case .published(let address): object.add("jwks_uri", .string(address.text))
        }
    }

    /// Adds what is set of how the client hears of logouts and of answers elsewhere, and where it
    /// begins a sign-in.
    private func showLogout(in object: inout JSONObject) {
        let logout = policies.logout
        if let address = logout.backChannel {
            object.add("backchannel_logout_uri", .string(address.text))
            object.add(
                "backchannel_logout_session_required", .bool(logout.backChannelNeedsSession))
        }
        if let uri = logout.frontChannel {
            object.add("frontchannel_logout_uri", .string(uri.text))
            object.add(
                "frontchannel_logout_session_required", .bool(logout.frontChannelNeedsSession))
        }
        if let uri = policies.initiateLoginURI {
            object.add("initiate_login_uri", .string(uri.text))
        }
        guard policies.allowsBackchannelAuthentication else { return }
        for member in policies.tokenDelivery.metadata { object.add(member.name, member.value) }
    }
}

extension Client {
    /// What the client promises, what is signed, and by which name it knows people.
    private func addProfile(to object: inout JSONObject) {
        object.add("profile", .string(policies.profile.rawValue))
        object.add("require_signed_request_object", .bool(policies.requiresSignedRequests))
        object.add(
            "request_object_algorithm", .string(policies.requestObjectAlgorithm?.name ?? "any"))
        object.add("userinfo_algorithm", .string(policies.userInfoAlgorithm?.name ?? "none"))
        object.add("subject_type", .string(policies.subjectType.name))
        guard let sector = policies.subjectType.sector else { return }
        object.add("sector", .string(sector.host))
        if let document = sector.document {
            object.add("sector_identifier_uri", .string(document.text))
        }
    }
}

extension Client.Origin {
    /// The name that commands have for it.
    fileprivate var name: String {
        switch self {
        case .administrator: "administrator"
        case .registered: "registered"
        case .metadataDocument: "metadata_document"
        }
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
    package static func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }

    package static func time(_ moment: Timestamp?) -> JSONValue {
        moment.map { .string(CalendarTime($0).timestamp) } ?? .null
    }
}

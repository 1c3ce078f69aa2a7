package import GatehouseEncoding
private import GatehouseJOSE
private import GatehouseProtocol

/// What a client is told of its registration: all that was stored, and the secrets that are shown
/// (RFC 7591 §3.2.1, RFC 7592 §3).
package struct ClientInformation: Sendable {
    let client: Client
    /// A secret that was just made; a secret is shown once.
    var secret: Secret?
    /// What the client manages itself by.
    let token: Secret
    let address: String

    /// The answer.
    package var jsonObject: JSONObject {
        var json = JSONObject([
            ("client_id", .string(client.id.text)),
            ("client_id_issued_at", .integer(client.createdAt.seconds)),
        ])
        if let secret {
            json.add("client_secret", .string(secret.revealed))
            json.add("client_secret_expires_at", 0)
        }
        json.add("registration_access_token", .string(token.revealed))
        json.add("registration_client_uri", .string(address))
        for member in client.registeredMetadata.members { json.add(member.name, member.value) }
        return json
    }
}

extension Client {
    /// The metadata that makes the client again.
    var registeredMetadata: JSONObject {
        func list(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
        var json = JSONObject([("client_name", .string(name.text))])
        for member in registration.description.members.members {
            json.add(member.name, member.value)
        }
        json.add("redirect_uris", list(redirectURIs.map(\.text)))
        json.add("post_logout_redirect_uris", list(postLogoutRedirectURIs.map(\.text)))
        json.add("application_type", kind == .native ? "native" : "web")
        json.add("grant_types", list(registeredGrantTypes.map(\.rawValue)))
        json.add(
            "response_types", redirectURIs.isEmpty ? .array([]) : .array(["code"]))
        json.add("token_endpoint_auth_method", .string(registeredAuthentication))
        switch keys {
        case nil: break
        case .registered(let keys): json.add("jwks", .object(keys.jsonObject))
        case .published(let address): json.add("jwks_uri", .string(address.text))
        }
        json.add("scope", .string(scope.text))
        for member in registeredSubject + registeredDelivery { json.add(member.name, member.value) }
        json.add("id_token_signed_response_alg", .string(policies.idTokenAlgorithm.name))
        json.add("response_modes", list(policies.responseModes.map(\.text)))
        if policies.responseModes.contains(where: \.isSigned) {
            json.add(
                "authorization_signed_response_alg", .string(policies.idTokenAlgorithm.name))
        }
        addSignatures(to: &json)
        for member in policies.logout.metadata.members { json.add(member.name, member.value) }
        if !policies.authorizationDetailsTypes.isEmpty {
            json.add("authorization_details_types", list(policies.authorizationDetailsTypes))
        }
        if let uri = policies.initiateLoginURI {
            json.add("initiate_login_uri", .string(uri.text))
        }
        return json
    }

    /// What it proves, what it signs, and what is signed for it.
    private func addSignatures(to json: inout JSONObject) {
        json.add("require_pushed_authorization_requests", .bool(policies.requiresPushedRequests))
        json.add("dpop_bound_access_tokens", .bool(policies.requiresDPoP))
        json.add(
            "tls_client_certificate_bound_access_tokens", .bool(policies.requiresCertificate))
        if let name = authentication.certificateName { json.add(name.member, .string(name.text)) }
        json.add("require_signed_request_object", .bool(policies.requiresSignedRequests))
        if let algorithm = policies.requestObjectAlgorithm {
            json.add("request_object_signing_alg", .string(algorithm.name))
        }
        if let algorithm = policies.userInfoAlgorithm {
            json.add("userinfo_signed_response_alg", .string(algorithm.name))
        }
    }

    /// By which name it knows people (OpenID Connect Core §8).
    private var registeredSubject: [(name: String, value: JSONValue)] {
        let type = policies.subjectType
        let document = type.sector?.document.map {
            (name: "sector_identifier_uri", value: JSONValue.string($0.text))
        }
        return [(name: "subject_type", value: .string(type.name))] + (document.map { [$0] } ?? [])
    }

    /// How it hears of answers elsewhere, if it may ask there (OpenID Connect CIBA Core §4).
    private var registeredDelivery: [(name: String, value: JSONValue)] {
        policies.allowsBackchannelAuthentication ? policies.tokenDelivery.metadata : []
    }

    private var registeredGrantTypes: [GrantType] {
        guard kind != .machine else { return [.clientCredentials] }
        return grantTypes.filter { type in
            switch type {
            case .authorizationCode: !redirectURIs.isEmpty
            case .refreshToken: policies.refreshTokens != .never
            default: true
            }
        }
    }

    /// The name of how it authenticates; what takes a secret either way is registered as the usual
    /// one.
    private var registeredAuthentication: String {
        if case .clientSecret = authentication {
            "client_secret_basic"
        } else {
            authentication.name
        }
    }
}

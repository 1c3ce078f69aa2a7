private import GatehouseEncoding

/// The metadata document of an issuer (OpenID Connect Discovery 1.0 §3, RFC 8414 §2).
///
/// It lists what works here and nothing else: lists come from the types that do the work.
package struct ServerMetadata: Sendable {
    private let issuer: Issuer
    private let idTokenAlgorithms: [String]
    private let clientAssertionAlgorithms: [String]
    private let dpopAlgorithms: [String]
    private let registration: RegistrationSupport
    private let mutualTLS: MutualTLSSupport?
    /// The types of authorization details that some resource understands.
    package var authorizationDetailsTypes: [String] = []

    package init(
        issuer: Issuer, idTokenAlgorithms: [String], clientAssertionAlgorithms: [String],
        dpopAlgorithms: [String], registration: RegistrationSupport,
        mutualTLS: MutualTLSSupport? = nil
    ) {
        self.mutualTLS = mutualTLS
        self.issuer = issuer
        self.idTokenAlgorithms = idTokenAlgorithms
        self.clientAssertionAlgorithms = clientAssertionAlgorithms
        self.dpopAlgorithms = dpopAlgorithms
        self.registration = registration
    }

    /// The document, the same bytes for both well-known names.
    package func serialized() -> [UInt8] {
        JSONWriter.object { json in
            json.add("issuer", issuer.text)
            json.add("jwks_uri", issuer.url(Endpoint.jsonWebKeySet.path))
            for (name, endpoint) in Self.endpoints {
                json.add(name + "_endpoint", issuer.url(endpoint.path))
            }
            addAuthorization(to: &json)
            addTokens(to: &json)
            addRegistration(to: &json)
            addLogout(to: &json)
            addMutualTLS(to: &json)
            for endpoint in ["token", "revocation", "introspection"] {
                let isForAll = endpoint != "introspection"
                json.add(
                    endpoint + "_endpoint_auth_methods_supported",
                    ClientAuthentication.methods.filter { isForAll || $0 != "none" }
                        + (mutualTLS?.methods ?? []))
                json.add(
                    endpoint + "_endpoint_auth_signing_alg_values_supported",
                    clientAssertionAlgorithms)
            }
        }
    }

    private static let endpoints: [(name: String, Endpoint)] = [
        ("authorization", .authorization), ("token", .token), ("userinfo", .userInfo),
        ("revocation", .revocation), ("introspection", .introspection),
        ("end_session", .endSession), ("device_authorization", .deviceAuthorization),
        ("pushed_authorization_request", .pushedAuthorizationRequest),
        ("backchannel_authentication", .backchannelAuthentication),
        ("change_feed", .changeFeed),
    ]

    /// How a client may ask for a person, and how it is answered.
    private func addAuthorization(to json: inout JSONMembers) {
        json.add("response_types_supported", ["code"])
        json.add("response_modes_supported", ResponseMode.offered)
        json.add("code_challenge_methods_supported", ["S256"])
        json.add("prompt_values_supported", Prompt.offered)
        json.add("acr_values_supported", AuthenticationContextClass.offered)
        json.add("claims_parameter_supported", true)
        json.add("request_parameter_supported", true)
        json.add("request_uri_parameter_supported", false)
        json.add("require_pushed_authorization_requests", false)
        json.add("authorization_response_iss_parameter_supported", true)
        json.add("authorization_signing_alg_values_supported", idTokenAlgorithms)
        json.add("require_signed_request_object", false)
        json.add("request_object_signing_alg_values_supported", clientAssertionAlgorithms)
        if !authorizationDetailsTypes.isEmpty {
            json.add("authorization_details_types_supported", authorizationDetailsTypes)
        }
    }

    /// What tokens can be had, and what they say.
    private func addTokens(to json: inout JSONMembers) {
        json.add("grant_types_supported", GrantType.allCases.map(\.rawValue))
        json.add("scopes_supported", Scope.identity.values)
        json.add("subject_types_supported", ["public", "pairwise"])
        json.add("claim_types_supported", ["normal"])
        json.add("claims_supported", Self.claims + IdentityClaims.names + OrganizationClaims.names)
        json.add("id_token_signing_alg_values_supported", idTokenAlgorithms)
        json.add("introspection_signing_alg_values_supported", idTokenAlgorithms)
        json.add("dpop_signing_alg_values_supported", dpopAlgorithms)
        json.add("userinfo_signing_alg_values_supported", idTokenAlgorithms)
        json.add(
            "backchannel_token_delivery_modes_supported",
            TokenDeliveryMode.allCases.map(\.rawValue))
        json.add("backchannel_user_code_parameter_supported", false)
    }

    /// How clients come to be known, where no operator registers them.
    private func addRegistration(to json: inout JSONMembers) {
        if registration.takesRegistrations {
            json.add("registration_endpoint", issuer.url(Endpoint.clientRegistration.path))
        }
        if registration.takesMetadataDocuments {
            json.add("client_id_metadata_document_supported", true)
        }
    }

    /// How clients hear that a session is over (OpenID Connect Back-Channel Logout 1.0 §2.1,
    /// Front-Channel Logout 1.0 §3).
    private func addLogout(to json: inout JSONMembers) {
        for channel in ["backchannel", "frontchannel"] {
            json.add(channel + "_logout_supported", true)
            json.add(channel + "_logout_session_supported", true)
        }
    }

    /// What clients with certificates can do, and where (RFC 8705 §3.3, §5).
    private func addMutualTLS(to json: inout JSONMembers) {
        guard let mutualTLS else { return }
        json.add("tls_client_certificate_bound_access_tokens", true)
        guard let address = mutualTLS.address(of: issuer) else { return }
        json.object("mtls_endpoint_aliases") { json in
            for (name, endpoint) in Self.endpoints where !Self.forPeople.contains(endpoint) {
                json.add(name + "_endpoint", address + endpoint.path)
            }
        }
    }

    /// What a browser is sent to, which is not to be asked for a certificate.
    private static let forPeople: [Endpoint] = [.authorization, .endSession]

    private static let claims = [
        "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "amr", "azp", "at_hash", "sid",
        "acr",
    ]
}

private import GatehouseEncoding

/// The metadata document of an issuer (OpenID Connect Discovery 1.0 §3, RFC 8414 §2).
///
/// It lists what works here and nothing else: lists come from the types that do the work.
package struct ServerMetadata: Sendable {
    private let issuer: Issuer
    private let idTokenAlgorithms: [String]
    private let clientAssertionAlgorithms: [String]
    private let dpopAlgorithms: [String]

    package init(
        issuer: Issuer, idTokenAlgorithms: [String], clientAssertionAlgorithms: [String],
        dpopAlgorithms: [String]
    ) {
        self.issuer = issuer
        self.idTokenAlgorithms = idTokenAlgorithms
        self.clientAssertionAlgorithms = clientAssertionAlgorithms
        self.dpopAlgorithms = dpopAlgorithms
    }

    /// The document, the same bytes for both well-known names.
    package func serialized() -> [UInt8] {
        JSONWriter.object { json in
            json.add("issuer", issuer.text)
            json.add("authorization_endpoint", issuer.url(Endpoint.authorization.path))
            json.add("token_endpoint", issuer.url(Endpoint.token.path))
            json.add("userinfo_endpoint", issuer.url(Endpoint.userInfo.path))
            json.add("jwks_uri", issuer.url(Endpoint.jsonWebKeySet.path))
            json.add("revocation_endpoint", issuer.url(Endpoint.revocation.path))
            json.add("introspection_endpoint", issuer.url(Endpoint.introspection.path))
            json.add("end_session_endpoint", issuer.url(Endpoint.endSession.path))
            json.add(
                "device_authorization_endpoint", issuer.url(Endpoint.deviceAuthorization.path))
            json.add("scopes_supported", Scope.identity.values)
            json.add("response_types_supported", ["code"])
            json.add("response_modes_supported", ResponseMode.offered)
            json.add("grant_types_supported", GrantType.allCases.map(\.rawValue))
            json.add("subject_types_supported", ["public"])
            json.add("id_token_signing_alg_values_supported", idTokenAlgorithms)
            json.add("token_endpoint_auth_methods_supported", ClientAuthentication.methods)
            json.add("revocation_endpoint_auth_methods_supported", ClientAuthentication.methods)
            json.add(
                "introspection_endpoint_auth_methods_supported",
                ClientAuthentication.methods.filter { $0 != "none" })
            json.add("introspection_signing_alg_values_supported", idTokenAlgorithms)
            json.add("code_challenge_methods_supported", ["S256"])
            json.add("prompt_values_supported", Prompt.offered)
            json.add("claim_types_supported", ["normal"])
            json.add("claims_supported", Self.claims + IdentityClaims.names)
            json.add("claims_parameter_supported", true)
            json.add("request_parameter_supported", false)
            json.add("request_uri_parameter_supported", false)
            json.add("authorization_response_iss_parameter_supported", true)
            for endpoint in ["token", "revocation", "introspection"] {
                json.add(
                    endpoint + "_endpoint_auth_signing_alg_values_supported",
                    clientAssertionAlgorithms)
            }
            json.add("dpop_signing_alg_values_supported", dpopAlgorithms)
            json.add("authorization_signing_alg_values_supported", idTokenAlgorithms)
            json.add("acr_values_supported", AuthenticationContextClass.offered)
            json.add(
                "pushed_authorization_request_endpoint",
                issuer.url(Endpoint.pushedAuthorizationRequest.path))
            json.add("require_pushed_authorization_requests", false)
        }
    }

    private static let claims = [
        "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "amr", "azp", "at_hash", "sid",
        "acr",
    ]
}

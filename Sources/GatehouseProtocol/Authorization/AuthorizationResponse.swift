private import GatehouseEncoding

/// Where an authorization response goes, how it travels, and what every one of them carries.
///
/// Made only by the matching of a registered redirect URI, so that nothing can be sent to an
/// unproven address.
package struct AuthorizationResponseTarget: Sendable, Hashable {
    package let redirectURI: RedirectURI
    package let mode: ResponseMode
    package let state: String?
    package let issuer: Issuer

    package init(redirectURI: RedirectURI, mode: ResponseMode, state: String?, issuer: Issuer) {
        self.redirectURI = redirectURI
        self.mode = mode
        self.state = state
        self.issuer = issuer
    }

    /// A successful answer (RFC 6749 §4.1.2), with `iss` (RFC 9207).
    package func response(code: String) -> AuthorizationResponse {
        AuthorizationResponse([("code", code)], to: self)
    }

    /// A refusal (RFC 6749 §4.1.2.1), with `iss` (RFC 9207).
    package func response(error: OAuthError) -> AuthorizationResponse {
        AuthorizationResponse(
            [
                ("error", error.code.rawValue),
                ("error_description", error.description.description),
            ], to: self)
    }
}

/// An authorization response: what the client is told, and where.
package struct AuthorizationResponse: Sendable {
    package typealias Parameter = (name: StaticString, value: String)

    package let target: AuthorizationResponseTarget
    /// What the client is told, but for `iss`.
    private let parameters: [Parameter]

    fileprivate init(_ parameters: [Parameter], to target: AuthorizationResponseTarget) {
        self.target = target
        var parameters = parameters
        if let state = target.state { parameters.append(("state", state)) }
        self.parameters = parameters
    }

    /// The response as the claims of a JWT, for one client and a while (JARM §2.1).
    package func claims(audience: String, expiresAt: Int64) -> [UInt8] {
        JSONWriter.object { json in
            json.add("iss", target.issuer.text)
            json.add("aud", audience)
            json.add("exp", expiresAt)
            for (name, value) in parameters { json.add(name.description, value) }
        }
    }

    /// The response on its way, with its parameters as they are.
    package var delivery: Delivery {
        var parameters = parameters
        parameters.append(("iss", target.issuer.text))
        return delivery(of: parameters)
    }

    /// The response on its way, inside a signed JWT (JARM §2.3).
    package func delivery(signed token: String) -> Delivery {
        delivery(of: [("response", token)])
    }

    private func delivery(of parameters: [Parameter]) -> Delivery {
        let uri = target.redirectURI
        return switch target.mode.carrier {
        case .query: .redirect(uri.adding(parameters.map { ($0.name.description, $0.value) }))
        case .fragment:
            .redirect(uri.withFragment(parameters.map { ($0.name.description, $0.value) }))
        case .formPost: .form(uri, parameters)
        }
    }

    /// What a browser is told to do with a response.
    package enum Delivery: Sendable {
        /// Go to this address.
        case redirect(String)
        /// Post these fields to the redirect URI (Form Post Response Mode 1.0).
        case form(RedirectURI, [Parameter])
    }
}

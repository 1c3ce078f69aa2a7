/// Where an authorization response goes, and what every one of them carries.
///
/// Made only by the matching of a registered redirect URI, so that nothing can be sent to an
/// unproven address.
package struct AuthorizationResponseTarget: Sendable, Hashable {
    package let redirectURI: RedirectURI
    package let state: String?
    package let issuer: Issuer

    package init(redirectURI: RedirectURI, state: String?, issuer: Issuer) {
        self.redirectURI = redirectURI
        self.state = state
        self.issuer = issuer
    }

    /// The address of a successful answer (RFC 6749 §4.1.2), with `iss` (RFC 9207).
    package func url(code: String) -> String {
        url([("code", code)])
    }

    /// The address of a refusal (RFC 6749 §4.1.2.1), with `iss` (RFC 9207).
    package func url(error: OAuthError) -> String {
        url([
            ("error", error.code.rawValue), ("error_description", error.description.description),
        ])
    }

    private func url(_ parameters: [(String, String)]) -> String {
        redirectURI.adding(
            parameters + (state.map { [("state", $0)] } ?? []) + [("iss", issuer.text)])
    }
}

/// A logout request (OpenID Connect RP-Initiated Logout 1.0 §2).
///
/// Every part is optional, and none is trusted before it is proven.
public struct EndSessionRequest: Sendable, Hashable {
    /// An ID token that says whom the request is about.
    public let idTokenHint: String?
    /// The client by its `client_id`.
    public let clientID: String?
    /// Where the browser should go afterwards.
    public let postLogoutRedirectURI: String?
    /// What the client gets back unchanged.
    public let state: String?

    /// Reads the parameters; a repeated or oversize one counts as absent, which only leads to more
    /// questions, never to fewer.
    public init(_ form: FormParameters) {
        idTokenHint = form[.idTokenHint]
        clientID = form[.clientID]
        postLogoutRedirectURI = form[.postLogoutRedirectURI].flatMap {
            $0.utf8.count <= RedirectURI.limit ? $0 : nil
        }
        state = form[.state].flatMap {
            $0.utf8.count <= AuthorizationRequest.valueLimit ? $0 : nil
        }
    }

    /// The parameters that make the same request again, for a form that asks first.
    package var parameters: [(name: StaticString, value: String)] {
        let optional: [(StaticString, String?)] = [
            (ParameterName.idTokenHint.text, idTokenHint), (ParameterName.clientID.text, clientID),
            (ParameterName.postLogoutRedirectURI.text, postLogoutRedirectURI),
            (ParameterName.state.text, state),
        ]
        return optional.compactMap { name, value in value.map { (name, $0) } }
    }
}

/// An introspection request (RFC 7662 §2.1).
///
/// The hint is only that: the token is looked for in every place where it may be.
public struct IntrospectionRequest: Sendable {
    /// The token, of whatever kind.
    public let token: String
    /// Where it was presented from, if whoever asks says so: an API key may be good only there.
    package let address: IPAddress?

    /// Parses the form, all but the client's authentication.
    public init(_ form: FormParameters) throws(OAuthError) {
        if form.hasRepetition {
            throw OAuthError(.invalidRequest, "A parameter is included more than once.")
        }
        token = try form.require(.token)
        guard let text = form[.clientAddress] else {
            address = nil
            return
        }
        guard let address = IPAddress(text) else {
            throw OAuthError(.invalidRequest, "The client_address is no IP address.")
        }
        self.address = address
    }
}

private import GatehouseEncoding

/// Where a client signs a browser out that loads it in a frame (`frontchannel_logout_uri`, OpenID
/// Connect Front-Channel Logout 1.0 §2).
public struct FrontChannelLogoutURI: Sendable, Hashable {
    /// The URI: ASCII by construction.
    public let text: String
    /// Scheme, host and maybe port: what a page must be allowed to show in a frame.
    public let origin: String

    /// Why a text cannot be registered as such an address.
    ///
    /// The messages are for people.
    public enum Refusal: String, Error, Sendable {
        case notAnAddress = """
            it is not an absolute https address that every program reads alike; http is allowed on \
            127.0.0.1 and localhost only
            """
        case parameter = """
            its query is no form, or holds iss or sid, which are added to it
            """
    }

    /// Checks an address before it is registered.
    public init(registering text: String) throws(Refusal) {
        // A page cannot name an IPv6 address as the source of a frame.
        guard let address = WebAddress(parsing: text), address.host != "[::1]",
            address.scheme == "https" || address.isLoopback
        else { throw .notAnAddress }
        if let query = address.query {
            let form: FormParameters
            do throws(FormParameters.Malformed) {
                form = try FormParameters(decoding: query.utf8)
            } catch {
                throw .parameter
            }
            guard !form.contains("iss"), !form.contains("sid") else { throw .parameter }
        }
        self.text = text
        origin = address.origin
    }

    /// True if scheme, host and port are those of the redirect URI, as the specification demands.
    public func isBeside(_ redirectURI: RedirectURI) -> Bool {
        guard let own = WebAddress(parsing: text),
            let other = WebAddress(parsing: redirectURI.text)
        else { return false }
        return own.scheme == other.scheme && own.host == other.host
            && own.effectivePort == other.effectivePort
    }

    /// What a frame loads: the address with the issuer and the session that ended.
    package func url(issuer: String, sessionID: String) -> String {
        let separator = text.utf8.contains(UInt8(ascii: "?")) ? "&" : "?"
        return text + separator + "iss=" + issuer.queryEncoded + "&sid=" + sessionID.queryEncoded
    }
}

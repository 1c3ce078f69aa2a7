/// A backchannel authentication request (OpenID Connect CIBA Core §7.1), parsed once and valid by
/// construction.
public struct BackchannelAuthenticationRequest: Sendable {
    /// Who is asked, in the one way that the request says it.
    public enum Hint: Sendable, Equatable {
        /// By a name to sign in with, or an identifier.
        case login(String)
        /// By an ID token that the client has of them.
        case idToken(String)
    }

    /// The scope values, `openid` among them.
    public let scope: Scope
    /// Who is asked.
    public let hint: Hint
    /// What both devices show.
    public let bindingMessage: BindingMessage?
    /// How many seconds the client would like to wait.
    public let requestedExpiry: Int64?

    /// Parses the form of a request, all but the client's authentication.
    public init(_ form: FormParameters) throws(OAuthError) {
        if form.hasRepetition {
            throw OAuthError(.invalidRequest, "A parameter is included more than once.")
        }
        guard !form.contains(.request), !form.contains(.loginHintToken) else {
            throw OAuthError(
                .invalidRequest, "Signed requests and login_hint_token are not supported.")
        }
        try AuthorizationDetails.refuse(in: form)
        scope = try Scope(parsing: try form.require(.scope))
        guard scope.contains(Scope.openID) else {
            throw OAuthError(.invalidScope, "The scope lacks openid.")
        }
        switch (form[.loginHint], form[.idTokenHint]) {
        case (let name?, nil): hint = .login(name)
        case (nil, let token?): hint = .idToken(token)
        default:
            throw OAuthError(
                .invalidRequest, "Exactly one of login_hint and id_token_hint is needed.")
        }
        bindingMessage = try form[.bindingMessage].map { text throws(OAuthError) in
            guard let message = BindingMessage(parsing: text) else {
                throw OAuthError(
                    .invalidBindingMessage,
                    "The binding_message is not 1 to 60 plain letters, digits and signs.")
            }
            return message
        }
        requestedExpiry = try form[.requestedExpiry].map { text throws(OAuthError) in
            guard text.utf8.count <= 9, text.utf8.allSatisfy(Self.isDigit),
                let seconds = Int64(text), seconds > 0
            else {
                throw OAuthError(
                    .invalidRequest, "The requested_expiry is not a positive number of seconds.")
            }
            return seconds
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

/// What a person compares on both devices: short, and of characters that look the same everywhere
/// (OpenID Connect CIBA Core §7.1).
public struct BindingMessage: Sendable, Hashable {
    /// The message.
    public let text: String

    /// The most characters that a message has.
    public static let limit = 60

    /// Reads a message; nil if it is long, or has anything but plain characters.
    public init?(parsing text: String) {
        let bytes = Array(text.utf8)
        guard (1...Self.limit).contains(bytes.count), bytes.allSatisfy(Self.allows),
            bytes.first != UInt8(ascii: " "), bytes.last != UInt8(ascii: " ")
        else { return nil }
        self.text = text
    }

    private static let signs = Array(" -.,:#+/()!?".utf8)

    private static func allows(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: signs.contains(byte)
        }
    }
}

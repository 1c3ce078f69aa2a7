/// What an app asks for when it sends somebody to sign in.
public struct AuthorizationOptions: Sendable {
    /// What the provider may show without asking, or has to show.
    public enum Prompt: String, Sendable {
        /// Show nothing: succeed at once, or fail with ``ClientError/loginRequired`` and its like.
        case none
        /// Ask who is there, even if somebody is signed in.
        case login
        /// Ask for consent, even if it was given.
        case consent
        /// Ask which account is meant.
        case selectAccount = "select_account"
        /// Begin with making an account.
        case create
    }

    /// What is asked for; `openid` has to be among it.
    public var scopes: [String]
    /// What the provider has to show.
    public var prompt: Prompt?
    /// How many seconds ago the person may have signed in, at most.
    public var maxAge: Int64?
    /// The name by which the person probably signs in.
    public var loginHint: String?
    /// The only organization that the tokens are to be about.
    public var organization: String?
    /// The language of the pages, such as `de`.
    public var locales: [String] = []

    /// Asks for scopes, and leaves everything else to the provider.
    public init(scopes: [String] = ["openid", "profile", "email"]) {
        self.scopes = scopes
    }
}

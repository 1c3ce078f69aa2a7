/// What the demo application has to know: whom it trusts, who it is there, and where it lives.
package struct DemoSettings: Sendable {
    /// The name that stands on its pages.
    package var name = "Demo app"
    /// The issuer it trusts, byte for byte as in its discovery document.
    package var issuer: String
    /// Its id at the issuer.
    package var clientID: String
    /// Its secret at the issuer.
    package var clientSecret: String
    /// Its own origin as browsers see it, with no slash at the end: `http://127.0.0.1:8081`.
    package var ownURL: String
    /// The people that one may sign in as.
    package var users: [HomeView.DemoUser]

    /// Settings of an application that is called `Demo app`.
    package init(
        issuer: String, clientID: String, clientSecret: String, ownURL: String,
        users: [HomeView.DemoUser]
    ) {
        self.issuer = issuer
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.ownURL = ownURL
        self.users = users
    }

    /// Where answers of the authorization endpoint go; has to be registered for the client.
    package var redirectURI: String { ownURL + "/callback" }
    /// Where the browser goes after signing out; has to be registered for the client.
    package var postLogoutRedirectURI: String { ownURL + "/" }
    /// The protected API, which the application offers to itself.
    package var apiURL: String { ownURL + WhoAmI.path }

    /// What the application asks for: who the person is, and to stay able to ask again.
    static let scopes = ["openid", "profile", "email", "offline_access"]
}

/// A mail that was caught on its way, as the mailbox shows it.
package struct DemoMail: Sendable, Hashable {
    package var recipient: String
    package var subject: String
    package var text: String
    /// When it was sent, for people.
    package var time: String

    package init(recipient: String, subject: String, text: String, time: String) {
        self.recipient = recipient
        self.subject = subject
        self.text = text
        self.time = time
    }
}

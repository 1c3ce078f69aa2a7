/// Settings for proxies that sign people in before an app sees them.
extension IntegrationSnippet {
    /// nginx has no module of its own for this: it asks oauth2-proxy about each request.
    static func nginx(_ facts: IntegrationFacts) -> IntegrationSnippet {
        IntegrationSnippet(
            id: "nginx", title: "nginx (oauth2-proxy)", language: "toml", file: "oauth2-proxy.cfg",
            install: "", code: facts.proxySettings,
            notes: [
                """
                nginx asks oauth2-proxy by auth_request. In the server block: location /oauth2/ \
                passes to http://127.0.0.1:4180, and location / has auth_request /oauth2/auth and \
                error_page 401 = /oauth2/sign_in.
                """,
                """
                The secret comes as OAUTH2_PROXY_CLIENT_SECRET, and OAUTH2_PROXY_COOKIE_SECRET is one \
                of your own: openssl rand -base64 32 | tr -- '+/' '-_'
                """,
                facts.pathNote("redirect_url, and below the prefix that nginx passes on"),
            ] + facts.resourceNotes + facts.leftOutNotes, evidence: .unchecked)
    }

    static func apache(_ facts: IntegrationFacts) -> IntegrationSnippet {
        IntegrationSnippet(
            id: "apache", title: "Apache (mod_auth_openidc)", language: "apache",
            file: "gatehouse.conf", install: "apt-get install libapache2-mod-auth-openidc",
            code: facts.apacheSettings,
            notes: [
                """
                The redirect URI has to be a path below what is protected that leads to nothing else; \
                the module takes it for itself.
                """,
                """
                The secret and the passphrase come from the environment of Apache, such as \
                /etc/apache2/envvars; Apache puts ${…} in when it starts.
                """,
                """
                The tests run the module with these directives; of the text here no test is made.
                """,
            ] + facts.resourceNotes + facts.leftOutNotes, evidence: .unchecked)
    }
}

extension IntegrationFacts {
    fileprivate var leftOutNotes: [String] {
        let leftOut = scope.count - plainScope.count
        return leftOut == 0
            ? []
            : [
                """
                \(leftOut) scope values are left out: they hold characters that mean something there.
                """
            ]
    }

    fileprivate var proxySettings: String {
        """
        provider = "oidc"
        oidc_issuer_url = \(CodeLiteral.toml(issuer))
        client_id = \(CodeLiteral.toml(clientID))
        redirect_url = \(CodeLiteral.toml(callback))
        scope = \(CodeLiteral.toml(plainScope.joined(separator: " ")))
        code_challenge_method = "S256"
        user_id_claim = "sub"
        http_address = "127.0.0.1:4180"
        reverse_proxy = true
        set_xauthrequest = true
        cookie_secure = \(callback.utf8.starts(with: "https:".utf8))
        cookie_samesite = "lax"
        # Who may come in: everybody who can sign in. Narrow it where that is too many.
        email_domains = ["*"]
        upstreams = ["static://202"]

        """
    }

    fileprivate var apacheSettings: String {
        """
        OIDCProviderMetadataURL \(apacheText(discovery))
        OIDCClientID \(apacheText(clientID))
        OIDCClientSecret "${\(Self.secretName)}"
        OIDCRedirectURI \(apacheText(callback))
        OIDCScope \(apacheText(plainScope.joined(separator: " ")))
        OIDCPKCEMethod S256
        OIDCProviderTokenEndpointAuth client_secret_\(proof == .secretInForm ? "post" : "basic")
        OIDCCryptoPassphrase "${OIDC_CRYPTO_PASSPHRASE}"
        OIDCRemoteUserClaim sub

        <Location />
            AuthType openid-connect
            Require valid-user
        </Location>

        """
    }

    /// An argument of a directive; what it is made of holds no quote, no backslash and no `${`.
    private func apacheText(_ text: String) -> String { "\"\(text)\"" }
}

extension IntegrationSnippet {
    /// A whole app upon Flask and Authlib.
    static func flask(_ facts: IntegrationFacts) -> IntegrationSnippet {
        IntegrationSnippet(
            id: "flask", title: "Python (Authlib and Flask)", language: "python", file: "app.py",
            install: "pip install authlib flask requests", code: facts.flaskApp,
            notes: [
                facts.pathNote("CALLBACK_PATH"),
                "The secret comes from the environment: set -a; . ./.env; python app.py",
                """
                The key of the sessions is made anew with each start: give the app one that stays, \
                as SESSION_KEY, before it has more than one process.
                """,
            ], evidence: .run)
    }

    static func pythonMachine(_ facts: IntegrationFacts) -> IntegrationSnippet {
        IntegrationSnippet(
            id: "python", title: "Python (Authlib)", language: "python", file: "get_token.py",
            install: "pip install authlib requests", code: facts.pythonMachine,
            notes: ["The library asks for a new token by itself when the old one is over."],
            evidence: .run)
    }
}

extension IntegrationFacts {
    private var pythonMethod: String {
        switch proof {
        case .secretInHeader: "client_secret_basic"
        case .secretInForm: "client_secret_post"
        case .none, .key: "none"
        }
    }

    fileprivate var flaskApp: String {
        """
        import os
        import secrets
        from urllib.parse import urlencode

        from authlib.integrations.flask_client import OAuth
        from flask import Flask, abort, redirect, request, session

        ISSUER = \(CodeLiteral.python(issuer))
        CLIENT_ID = \(CodeLiteral.python(clientID))
        REDIRECT_URI = \(CodeLiteral.python(callback))
        CALLBACK_PATH = \(CodeLiteral.python(callbackPath))

        app = Flask(__name__)
        app.secret_key = os.environ.get("SESSION_KEY") or secrets.token_hex(32)
        app.config.update(
            SESSION_COOKIE_SAMESITE="Lax", SESSION_COOKIE_SECURE=REDIRECT_URI.startswith("https:"))

        oauth = OAuth(app)
        gatehouse = oauth.register(
            "gatehouse", client_id=CLIENT_ID,
            client_secret=os.environ.get("\(Self.secretName)"),
            server_metadata_url=ISSUER + "/.well-known/openid-configuration",
            client_kwargs={
                "scope": \(CodeLiteral.python(scopeText)), "code_challenge_method": "S256",
                "token_endpoint_auth_method": "\(pythonMethod)"})


        @app.get("/")
        def home():
            person = session.get("person")
            return f"Hello {person['sub']}" if person else "Sign in: /login", {
                "content-type": "text/plain"}


        @app.get("/login")
        def login():
            return gatehouse.authorize_redirect(REDIRECT_URI\(pythonResource))


        @app.get(CALLBACK_PATH)
        def callback():
            # RFC 9207: another provider's answer is none.
            if request.args.get("iss") != ISSUER:
                abort(400)
            # Checks state, PKCE, and the ID token with its nonce.
            token = gatehouse.authorize_access_token(
                claims_options={
                    "iss": {"essential": True, "value": ISSUER},
                    "aud": {"essential": True, "value": CLIENT_ID}})
            session.clear()
            session["person"] = {"sub": token["userinfo"]["sub"]}
            session["id_token"] = token["id_token"]
            return redirect("/")


        @app.post("/logout")
        def logout():
            hint = session.get("id_token")
            session.clear()
            query = {"client_id": CLIENT_ID\(pythonLogout)}
            if hint:
                query["id_token_hint"] = hint
            return redirect(
                gatehouse.load_server_metadata()["end_session_endpoint"] + "?" + urlencode(query))


        if __name__ == "__main__":
            app.run(host="127.0.0.1", port=\(port.map { String($0) } ?? #"int(os.environ.get("PORT", "3000"))"#))

        """
    }

    private var pythonResource: String {
        resource.map { ", resource=\(CodeLiteral.python($0))" } ?? ""
    }

    private var pythonLogout: String {
        postLogoutRedirectURI.map {
            ", \"post_logout_redirect_uri\": \(CodeLiteral.python($0))"
        } ?? ""
    }

    fileprivate var pythonMachine: String {
        """
        import os

        import requests
        from authlib.integrations.requests_client import OAuth2Session

        ISSUER = \(CodeLiteral.python(issuer))

        provider = requests.get(ISSUER + "/.well-known/openid-configuration", timeout=10).json()
        assert provider["issuer"] == ISSUER

        session = OAuth2Session(
            \(CodeLiteral.python(clientID)), os.environ["\(Self.secretName)"],
            scope=\(CodeLiteral.python(scopeText)), token_endpoint=provider["token_endpoint"],
            token_endpoint_auth_method="\(pythonMethod)")
        token = session.fetch_token(
            provider["token_endpoint"], grant_type="client_credentials"\(pythonResource))
        print(token["expires_in"], "seconds")

        # session.get("https://api.example.com/…") sends the token.

        """
    }
}

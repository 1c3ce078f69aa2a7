extension IntegrationSnippet {
    /// A page that signs people in by itself, with nothing installed.
    static func browser(_ facts: IntegrationFacts) -> IntegrationSnippet {
        IntegrationSnippet(
            id: "oidc-client-ts", title: "Browser (oidc-client-ts)", language: "typescript",
            file: "gatehouse.ts", install: "npm install oidc-client-ts", code: facts.browserModule,
            notes: [
                facts.pathNote("the page that calls finish"),
                """
                Tokens stay in memory: after a reload the app signs in again, which the session at the \
                provider does without asking.
                """,
                "A server of your own that keeps the tokens is safer: register it as a web client.",
            ], evidence: .unchecked)
    }

    static func nodeMachine(_ facts: IntegrationFacts) -> IntegrationSnippet {
        IntegrationSnippet(
            id: "node", title: "Node", language: "javascript", file: "token.js", install: "",
            code: facts.nodeMachine,
            notes: ["The secret comes from the environment: node --env-file=.env token.js"],
            evidence: .run)
    }
}

extension IntegrationFacts {
    fileprivate var browserModule: String {
        """
        import { InMemoryWebStorage, UserManager, WebStorageStateStore } from "oidc-client-ts";

        const issuer = \(CodeLiteral.javaScript(issuer));

        const manager = new UserManager({
            authority: issuer,
            client_id: \(CodeLiteral.javaScript(clientID)),
            redirect_uri: \(CodeLiteral.javaScript(callback)),
            scope: \(CodeLiteral.javaScript(scopeText)),
            userStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),\(browserMembers)
        });

        export function login() {
            return manager.signinRedirect({ nonce: crypto.randomUUID() });
        }

        export async function finish() {
            // iss says which provider answers (RFC 9207).
            const answer = new URLSearchParams(location.search);
            if (answer.get("iss") !== issuer) throw new Error("Another provider answered.");
            const user = await manager.signinRedirectCallback();
            history.replaceState(null, "", location.pathname);
            return user.profile;
        }

        export function logout() {
            return manager.signoutRedirect();
        }

        """
    }

    private var browserMembers: String {
        var members = ""
        if let address = postLogoutRedirectURI {
            members += "\n    post_logout_redirect_uri: \(CodeLiteral.javaScript(address)),"
        }
        if let resource { members += "\n    resource: \(CodeLiteral.javaScript(resource))," }
        return members
    }

    fileprivate var nodeMachine: String {
        """
        "use strict";

        const issuer = \(CodeLiteral.javaScript(issuer));
        const clientID = \(CodeLiteral.javaScript(clientID));
        const clientSecret = process.env.\(Self.secretName);

        async function json(answer) {
            if (!answer.ok) throw new Error(`The provider answered ${answer.status}.`);
            return answer.json();
        }

        async function token() {
            const provider = await json(await fetch(issuer + "/.well-known/openid-configuration"));
            if (provider.issuer !== issuer) throw new Error("The metadata is of another issuer.");
            const form = new URLSearchParams({
                grant_type: "client_credentials", scope: \(CodeLiteral.javaScript(scopeText)),\(nodeMembers)
            });
            return json(await fetch(provider.token_endpoint, { method: "POST", body: form\(nodeHeaders) }));
        }

        // Keep it until a minute before its end.
        token().then(({ expires_in }) => console.log(expires_in, "seconds"));

        """
    }

    private var nodeMembers: String {
        var members = resource.map { " resource: \(CodeLiteral.javaScript($0))," } ?? ""
        if proof != .secretInHeader { members += " client_id: clientID," }
        if proof == .secretInForm { members += " client_secret: clientSecret," }
        return members
    }

    private var nodeHeaders: String {
        guard proof == .secretInHeader else { return "" }
        return """
            , headers: {
                    authorization: "Basic " + btoa([clientID, clientSecret].map(encodeURIComponent).join(":")),
                }
            """
    }
}

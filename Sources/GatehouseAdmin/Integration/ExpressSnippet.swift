extension IntegrationSnippet {
    /// A whole app upon Express, which needs nothing else.
    static func express(_ facts: IntegrationFacts) -> IntegrationSnippet {
        IntegrationSnippet(
            id: "express", title: "Express", language: "javascript", file: "app.js",
            install: "npm install express", code: facts.expressApp,
            notes: [
                facts.pathNote("callbackPath"),
                "The secret comes from the environment: node --env-file=.env app.js",
                "Sessions are in memory: put a store of yours in the place of the map.",
            ], evidence: .run)
    }
}

extension IntegrationFacts {
    fileprivate var expressApp: String {
        expressSettings + expressSessions + expressProvider + expressRoutes
    }

    private var expressSettings: String {
        """
        "use strict";

        const crypto = require("node:crypto");
        const express = require("express");

        const issuer = \(CodeLiteral.javaScript(issuer));
        const clientID = \(CodeLiteral.javaScript(clientID));
        const clientSecret = process.env.\(Self.secretName);
        const redirectURI = \(CodeLiteral.javaScript(callback));
        const callbackPath = \(CodeLiteral.javaScript(callbackPath));
        const scope = \(CodeLiteral.javaScript(scopeText));
        const port = \(port.map { String($0) } ?? #"Number(process.env.PORT ?? 3000)"#);

        """
    }

    private var expressSessions: String {
        #"""

        // One session for each browser; the cookie holds nothing but its name.
        const sessions = new Map();
        const cookie = { httpOnly: true, sameSite: "lax", secure: redirectURI.startsWith("https:") };

        function sessionOf(request) {
            const [, name] = /(?:^|; )session=([\w-]{43})/.exec(request.headers.cookie ?? "") ?? [];
            return sessions.get(name) ?? {};
        }

        function begin(session, response) {
            const name = random();
            sessions.set(name, session);
            response.cookie("session", name, cookie);
        }

        function forget(session) {
            for (const [name, one] of sessions) if (one === session) sessions.delete(name);
        }

        function random() {
            return crypto.randomBytes(32).toString("base64url");
        }

        """#
    }

    private var expressProvider: String {
        """

        // What the provider says of itself and the keys that it signs with, asked for once.
        let known;

        async function provider() {
            if (known) return known;
            const said = await json(await fetch(issuer + "/.well-known/openid-configuration"));
            if (said.issuer !== issuer) throw new Error("The metadata is of another issuer.");
            return (known = said);
        }

        async function json(answer) {
            if (!answer.ok) throw new Error(`The provider answered ${answer.status}.`);
            return answer.json();
        }

        async function redeem(code, verifier) {
            const form = new URLSearchParams({
                grant_type: "authorization_code", code, redirect_uri: redirectURI,
                code_verifier: verifier\(secretInForm)
            });
            return json(await fetch((await provider()).token_endpoint, {
                method: "POST", body: form\(secretHeader)
            }));
        }
        \(secretEncoding)
        // Believes an ID token only if the provider signed it, for this app and this sign-in.
        async function claimsOf(token, nonce) {
            const [head, body, signature] = token.split(".");
            const { alg, kid } = JSON.parse(Buffer.from(head, "base64url"));
            const { keys } = await json(await fetch((await provider()).jwks_uri));
            const jwk = keys.find((key) => key.kid === kid);
            if (alg !== \(CodeLiteral.javaScript(idTokenAlgorithm)) || !jwk) {
                throw new Error("The ID token is signed by another key.");
            }
            const key = crypto.createPublicKey({ key: jwk, format: "jwk" });
            const signed = Buffer.from(`${head}.${body}`);
            if (!\(signatureCheck)) {
                throw new Error("The signature of the ID token is wrong.");
            }
            const claims = JSON.parse(Buffer.from(body, "base64url"));
            const isForUs = [claims.aud].flat().includes(clientID);
            if (claims.iss !== issuer || !isForUs || claims.nonce !== nonce
                || claims.exp * 1000 < Date.now()) {
                throw new Error("The ID token is not for this sign-in.");
            }
            return claims;
        }

        """
    }

    private var secretInForm: String {
        switch proof {
        case .secretInForm: ", client_id: clientID, client_secret: clientSecret,"
        case .secretInHeader: ","
        case .none, .key: ", client_id: clientID,"
        }
    }

    private var secretHeader: String {
        proof == .secretInHeader ? ", headers: { authorization: credential() }," : ","
    }

    private var secretEncoding: String {
        guard proof == .secretInHeader else { return "" }
        return """

            // RFC 6749 §2.3.1: both parts are encoded as in a form.
            function credential() {
                const both = [clientID, clientSecret].map(encodeURIComponent).join(":");
                return "Basic " + Buffer.from(both).toString("base64");
            }

            """
    }

    private var signatureCheck: String {
        let mark = #"Buffer.from(signature, "base64url")"#
        switch idTokenAlgorithm {
        case "ES256":
            return #"crypto.verify("sha256", signed, { key, dsaEncoding: "ieee-p1363" }, \#(mark))"#
        case "PS256":
            return """
                crypto.verify("sha256", signed, {
                        key, padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32,
                    }, \(mark))
                """
        case "EdDSA": return "crypto.verify(null, signed, key, \(mark))"
        default: return #"crypto.verify("sha256", signed, key, \#(mark))"#
        }
    }

    private var expressRoutes: String {
        """

        const app = express();

        app.get("/", (request, response) => {
            const { claims } = sessionOf(request);
            response.type("text").send(claims ? `Hello ${claims.name ?? claims.sub}` : "Sign in: /login");
        });

        app.get("/login", async (request, response, next) => {
            try {
                const attempt = { state: random(), nonce: random(), verifier: random() };
                begin({ attempt }, response);
                const challenge = crypto.createHash("sha256").update(attempt.verifier).digest("base64url");
                const url = new URL((await provider()).authorization_endpoint);
                url.search = new URLSearchParams({
                    response_type: "code", client_id: clientID, redirect_uri: redirectURI, scope,
                    state: attempt.state, nonce: attempt.nonce,
                    code_challenge: challenge, code_challenge_method: "S256",\(resourceMember)
                });
                response.redirect(303, url.href);
            } catch (error) {
                next(error);
            }
        });

        // Compared as a text: a path is no pattern.
        app.use(async (request, response, next) => {
            if (request.method !== "GET" || request.path !== callbackPath) return next();
            try {
                const session = sessionOf(request);
                const { attempt } = session;
                const { state, iss, code, error } = request.query;
                if (!attempt || state !== attempt.state || iss !== issuer) {
                    return response.status(400).send("This is not the answer to a sign-in of this browser.");
                }
                if (error || typeof code !== "string") return response.status(403).send("Not signed in.");
                const tokens = await redeem(code, attempt.verifier);
                const claims = await claimsOf(tokens.id_token, attempt.nonce);
                forget(session);
                begin({ claims, tokens }, response);
                response.redirect(303, "/");
            } catch (error) {
                next(error);
            }
        });

        app.post("/logout", async (request, response, next) => {
            try {
                const session = sessionOf(request);
                const { tokens } = session;
                forget(session);
                response.clearCookie("session", cookie);
                const url = new URL((await provider()).end_session_endpoint);
                url.search = new URLSearchParams({
                    client_id: clientID, ...(tokens && { id_token_hint: tokens.id_token }),\(logoutMember)
                });
                response.redirect(303, url.href);
            } catch (error) {
                next(error);
            }
        });

        app.listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port}`));

        """
    }

    private var resourceMember: String {
        resource.map { "\n                resource: \(CodeLiteral.javaScript($0))," } ?? ""
    }

    private var logoutMember: String {
        postLogoutRedirectURI.map {
            "\n            post_logout_redirect_uri: \(CodeLiteral.javaScript($0)),"
        } ?? ""
    }
}

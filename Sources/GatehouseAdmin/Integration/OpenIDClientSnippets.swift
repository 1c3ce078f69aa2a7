/// Code upon openid-client, version 6, for Node.
extension IntegrationSnippet {
    static func openIDClient(_ facts: IntegrationFacts) -> IntegrationSnippet {
        IntegrationSnippet(
            id: "openid-client", title: "openid-client (Node)", language: "javascript",
            file: "gatehouse.mjs", install: "npm install openid-client@6",
            code: facts.openIDClientDiscovery + facts.openIDClientSteps,
            notes: [
                facts.pathNote("the route that calls finish"),
                "Keep what begin returns in the session of this browser, and forget it in finish.",
                "Give finish the address that the browser came to, as the browser sees it.",
            ] + facts.transportNotes, evidence: .unchecked)
    }

    static func passport(_ facts: IntegrationFacts) -> IntegrationSnippet {
        IntegrationSnippet(
            id: "passport", title: "Passport", language: "javascript", file: "app.mjs",
            install: "npm install express express-session passport openid-client@6",
            code: facts.openIDClientDiscovery + facts.passportApp,
            notes: [
                facts.pathNote("the route of the callback"),
                """
                The strategy binds an answer to its browser by PKCE and sends no state, since the \
                provider supports PKCE; it checks iss.
                """,
                "SESSION_KEY is a random text of your own, such as of openssl rand -hex 32.",
            ] + facts.resourceNotes + facts.transportNotes, evidence: .unchecked)
    }

    static func nextJS(_ facts: IntegrationFacts) -> IntegrationSnippet {
        IntegrationSnippet(
            id: "nextjs", title: "Next.js", language: "typescript", file: "lib/gatehouse.ts",
            install: "npm install openid-client@6 iron-session",
            code: facts.openIDClientDiscovery + facts.nextRoutes,
            notes: [
                #"app/login/route.ts holds: export { login as GET } from "@/lib/gatehouse""#,
                """
                The route at the path of the redirect URI holds: export { callback as GET } from \
                "@/lib/gatehouse"
                """,
                facts.pathNote("the folder below app"),
                "SESSION_KEY is a random text of your own, of 32 characters or more.",
            ] + facts.transportNotes, evidence: .unchecked)
    }

    static func nodeNative(_ facts: IntegrationFacts) -> IntegrationSnippet {
        IntegrationSnippet(
            id: "node-cli", title: "Command-line app (Node)", language: "javascript",
            file: "sign-in.mjs", install: "npm install openid-client@6",
            code: facts.openIDClientDiscovery + facts.openIDClientSteps,
            notes: [
                facts.pathNote("the address that the app listens at"),
                "Listen on the loopback address; its port may be any that is free.",
                "Open what begin returns in the system's browser.",
            ] + facts.transportNotes, evidence: .unchecked)
    }
}

extension IntegrationFacts {
    /// The lines that find the provider.
    fileprivate var openIDClientDiscovery: String {
        """
        import * as client from "openid-client";

        const redirectURI = \(CodeLiteral.javaScript(callback));
        const scope = \(CodeLiteral.javaScript(scopeText));

        const config = await client.discovery(
            new URL(\(CodeLiteral.javaScript(issuer))), \(CodeLiteral.javaScript(clientID)),
            { id_token_signed_response_alg: \(CodeLiteral.javaScript(idTokenAlgorithm)) },
            \(openIDClientProof)\(insecureOption));

        """
    }

    private var openIDClientProof: String {
        switch proof {
        case .secretInHeader: "client.ClientSecretBasic(process.env.\(Self.secretName))"
        case .secretInForm: "client.ClientSecretPost(process.env.\(Self.secretName))"
        case .none, .key: "client.None()"
        }
    }

    /// The library refuses plain http unless it is told to take it.
    private var insecureOption: String {
        isPlainHTTP ? ",\n    { execute: [client.allowInsecureRequests] }" : ""
    }

    private var resourceParameter: String {
        resource.map { " resource: \(CodeLiteral.javaScript($0))," } ?? ""
    }

    fileprivate var openIDClientSteps: String {
        """

        // Where to send the browser, and what to keep until it comes back.
        export async function begin() {
            const attempt = {
                state: client.randomState(), nonce: client.randomNonce(),
                verifier: client.randomPKCECodeVerifier(),
            };
            const url = client.buildAuthorizationUrl(config, {
                redirect_uri: redirectURI, scope, state: attempt.state, nonce: attempt.nonce,
                code_challenge: await client.calculatePKCECodeChallenge(attempt.verifier),
                code_challenge_method: "S256",\(resourceParameter)
            });
            return { url: url.href, attempt };
        }

        // Checks the answer and the ID token: state, iss, PKCE, nonce, issuer, audience and expiry.
        export async function finish(currentURL, attempt) {
            const tokens = await client.authorizationCodeGrant(config, new URL(currentURL), {
                pkceCodeVerifier: attempt.verifier, expectedState: attempt.state,
                expectedNonce: attempt.nonce, idTokenExpected: true,
            });
            return { claims: tokens.claims(), tokens };
        }

        // Store the refresh token that comes of it in the place of the old one.
        export async function renew(refreshToken) {
            return client.refreshTokenGrant(config, refreshToken);
        }

        export function logoutURL(idToken) {
            return client.buildEndSessionUrl(config, { id_token_hint: idToken,\(logoutParameter) }).href;
        }

        """
    }

    private var logoutParameter: String {
        postLogoutRedirectURI.map {
            " post_logout_redirect_uri: \(CodeLiteral.javaScript($0)),"
        } ?? ""
    }

    fileprivate var passportApp: String {
        """

        import express from "express";
        import session from "express-session";
        import passport from "passport";
        import { Strategy } from "openid-client/passport";

        passport.use("gatehouse", new Strategy(
            { config, scope, callbackURL: redirectURI },
            (tokens, verified) => verified(null, tokens.claims())));
        passport.serializeUser((user, done) => done(null, user));
        passport.deserializeUser((user, done) => done(null, user));

        const app = express();
        app.use(session({
            secret: process.env.SESSION_KEY, resave: false, saveUninitialized: false,
            cookie: { httpOnly: true, sameSite: "lax", secure: redirectURI.startsWith("https:") },
        }));
        app.use(passport.authenticate("session"));

        app.get("/login", passport.authenticate("gatehouse"));
        app.get(\(CodeLiteral.javaScript(callbackPath)), passport.authenticate("gatehouse", {
            successRedirect: "/", failureRedirect: "/login",
        }));
        app.get("/", (request, response) => response.json(request.user ?? null));
        app.listen(\(port.map { String($0) } ?? "process.env.PORT ?? 3000"));

        """
    }

    fileprivate var nextRoutes: String {
        """

        import { getIronSession } from "iron-session";
        import { cookies } from "next/headers";
        import { redirect } from "next/navigation";

        type Session = {
            attempt?: { state: string; nonce: string; verifier: string };
            person?: { sub: string; name?: string };
        };

        export async function session() {
            return getIronSession<Session>(await cookies(), {
                password: process.env.SESSION_KEY!, cookieName: "session",
                cookieOptions: { sameSite: "lax", secure: redirectURI.startsWith("https:") },
            });
        }

        export async function login() {
            const attempt = {
                state: client.randomState(), nonce: client.randomNonce(),
                verifier: client.randomPKCECodeVerifier(),
            };
            const current = await session();
            current.attempt = attempt;
            await current.save();
            const url = client.buildAuthorizationUrl(config, {
                redirect_uri: redirectURI, scope, state: attempt.state, nonce: attempt.nonce,
                code_challenge: await client.calculatePKCECodeChallenge(attempt.verifier),
                code_challenge_method: "S256",\(resourceParameter)
            });
            redirect(url.href);
        }

        export async function callback(request: Request) {
            const current = await session();
            const attempt = current.attempt;
            if (!attempt) return new Response("No sign-in was begun here.", { status: 400 });
            // What the browser called, with the address that is registered in front.
            const url = new URL(redirectURI);
            url.search = new URL(request.url).search;
            const tokens = await client.authorizationCodeGrant(config, url, {
                pkceCodeVerifier: attempt.verifier, expectedState: attempt.state,
                expectedNonce: attempt.nonce, idTokenExpected: true,
            });
            const claims = tokens.claims()!;
            current.attempt = undefined;
            current.person = { sub: claims.sub, name: claims.name as string | undefined };
            await current.save();
            redirect("/");
        }

        """
    }
}

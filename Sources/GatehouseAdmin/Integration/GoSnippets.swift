/// Code upon go-oidc and oauth2, for Go.
extension IntegrationSnippet {
    static func go(_ facts: IntegrationFacts) -> IntegrationSnippet {
        IntegrationSnippet(
            id: "go", title: "Go", language: "go", file: "main.go",
            install: "go get github.com/coreos/go-oidc/v3/oidc golang.org/x/oauth2",
            code: facts.goApp,
            notes: [
                facts.pathNote("callbackPath"),
                "Put a session of yours in the place of the last line of callback.",
            ], evidence: .unchecked)
    }

    static func goMachine(_ facts: IntegrationFacts) -> IntegrationSnippet {
        IntegrationSnippet(
            id: "go", title: "Go", language: "go", file: "token.go",
            install: "go get github.com/coreos/go-oidc/v3/oidc golang.org/x/oauth2",
            code: facts.goMachine,
            notes: ["The client gets a new token by itself when the old one is over."],
            evidence: .unchecked)
    }
}

extension IntegrationFacts {
    private var goScopes: String {
        "[]string{" + scope.map(CodeLiteral.go).joined(separator: ", ") + "}"
    }

    private var goStyle: String {
        proof == .secretInForm ? "oauth2.AuthStyleInParams" : "oauth2.AuthStyleInHeader"
    }

    private var goResource: String {
        resource.map { ",\n\t\toauth2.SetAuthURLParam(\"resource\", \(CodeLiteral.go($0)))" } ?? ""
    }

    fileprivate var goApp: String {
        """
        package main

        import (
        \t"context"
        \t"log"
        \t"net/http"
        \t"os"
        \t"strings"

        \t"github.com/coreos/go-oidc/v3/oidc"
        \t"golang.org/x/oauth2"
        )

        const (
        \tissuer       = \(CodeLiteral.go(issuer))
        \tclientID     = \(CodeLiteral.go(clientID))
        \tredirectURI  = \(CodeLiteral.go(callback))
        \tcallbackPath = \(CodeLiteral.go(callbackPath))
        )

        var (
        \tconfig   oauth2.Config
        \tverifier *oidc.IDTokenVerifier
        )

        func main() {
        \tprovider, err := oidc.NewProvider(context.Background(), issuer)
        \tif err != nil {
        \t\tlog.Fatal(err)
        \t}
        \tendpoint := provider.Endpoint()
        \tendpoint.AuthStyle = \(goStyle)
        \tconfig = oauth2.Config{
        \t\tClientID: clientID, ClientSecret: os.Getenv("\(Self.secretName)"),
        \t\tEndpoint: endpoint, RedirectURL: redirectURI,
        \t\tScopes: \(goScopes),
        \t}
        \tverifier = provider.Verifier(&oidc.Config{
        \t\tClientID: clientID, SupportedSigningAlgs: []string{\(CodeLiteral.go(idTokenAlgorithm))},
        \t})
        \thttp.HandleFunc("/login", login)
        \thttp.HandleFunc(callbackPath, callback)
        \tlog.Fatal(http.ListenAndServe("127.0.0.1:\(port ?? 3000)", nil))
        }

        \(goRoutes)
        """
    }

    private var goRoutes: String {
        """
        // What is kept of an attempt is bound to the browser by cookies that scripts do not see.
        func keep(w http.ResponseWriter, name, value string, age int) {
        \thttp.SetCookie(w, &http.Cookie{
        \t\tName: name, Value: value, Path: "/", MaxAge: age, HttpOnly: true,
        \t\tSameSite: http.SameSiteLaxMode, Secure: strings.HasPrefix(redirectURI, "https:"),
        \t})
        }

        func login(w http.ResponseWriter, r *http.Request) {
        \tstate, nonce, pkce := oauth2.GenerateVerifier(), oauth2.GenerateVerifier(), oauth2.GenerateVerifier()
        \tkeep(w, "state", state, 600)
        \tkeep(w, "nonce", nonce, 600)
        \tkeep(w, "pkce", pkce, 600)
        \turl := config.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(pkce)\(goResource))
        \thttp.Redirect(w, r, url, http.StatusSeeOther)
        }

        func callback(w http.ResponseWriter, r *http.Request) {
        \tstate, err1 := r.Cookie("state")
        \tnonce, err2 := r.Cookie("nonce")
        \tpkce, err3 := r.Cookie("pkce")
        \tquery := r.URL.Query()
        \t// iss says which provider answers (RFC 9207).
        \tif err1 != nil || err2 != nil || err3 != nil || query.Get("state") != state.Value ||
        \t\tquery.Get("iss") != issuer {
        \t\thttp.Error(w, "This is not the answer to a sign-in of this browser.", http.StatusBadRequest)
        \t\treturn
        \t}
        \tfor _, name := range []string{"state", "nonce", "pkce"} {
        \t\tkeep(w, name, "", -1)
        \t}
        \ttoken, err := config.Exchange(r.Context(), query.Get("code"), oauth2.VerifierOption(pkce.Value))
        \tif err != nil {
        \t\thttp.Error(w, "Not signed in.", http.StatusForbidden)
        \t\treturn
        \t}
        \traw, _ := token.Extra("id_token").(string)
        \tidToken, err := verifier.Verify(r.Context(), raw)
        \tif err != nil || idToken.Nonce != nonce.Value {
        \t\thttp.Error(w, "The ID token is not for this sign-in.", http.StatusForbidden)
        \t\treturn
        \t}
        \tw.Write([]byte("Hello " + idToken.Subject + "\\n"))
        }

        """
    }

    fileprivate var goMachine: String {
        """
        package main

        import (
        \t"context"
        \t"fmt"
        \t"log"
        \t"net/url"
        \t"os"

        \t"github.com/coreos/go-oidc/v3/oidc"
        \t"golang.org/x/oauth2"
        \t"golang.org/x/oauth2/clientcredentials"
        )

        func main() {
        \tctx := context.Background()
        \tprovider, err := oidc.NewProvider(ctx, \(CodeLiteral.go(issuer)))
        \tif err != nil {
        \t\tlog.Fatal(err)
        \t}
        \tconfig := clientcredentials.Config{
        \t\tClientID: \(CodeLiteral.go(clientID)), ClientSecret: os.Getenv("\(Self.secretName)"),
        \t\tTokenURL: provider.Endpoint().TokenURL, AuthStyle: \(goStyle),
        \t\tScopes: \(goScopes), EndpointParams: url.Values{\(goParameter)},
        \t}
        \ttoken, err := config.Token(ctx)
        \tif err != nil {
        \t\tlog.Fatal(err)
        \t}
        \tfmt.Println("until", token.Expiry)
        \t// config.Client(ctx) sends the token, and renews it.
        }

        """
    }

    private var goParameter: String {
        resource.map { "\"resource\": {\(CodeLiteral.go($0))}" } ?? ""
    }
}

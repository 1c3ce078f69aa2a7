/// Requests by hand, to see what travels.
extension IntegrationSnippet {
    static func curl(_ facts: IntegrationFacts) -> IntegrationSnippet {
        IntegrationSnippet(
            id: "curl", title: "curl", language: "shell", file: "sign-in.sh",
            install: "apt-get install curl jq openssl", code: facts.curlSignIn,
            notes: [
                "To see what travels, not for an app.",
                """
                Open the address that is printed, sign in, and paste the address that the browser ends \
                at, even if nothing answers there.
                """,
            ], evidence: .run)
    }

    static func curlMachine(_ facts: IntegrationFacts) -> IntegrationSnippet {
        IntegrationSnippet(
            id: "curl", title: "curl", language: "shell", file: "token.sh",
            install: "apt-get install curl jq", code: facts.curlMachine,
            notes: ["The secret comes from the environment: set -a; . ./.env; sh token.sh"],
            evidence: .run)
    }
}

extension IntegrationFacts {
    /// The secret on the standard input of curl, where no list of processes shows it.
    private var curlProof: String {
        switch proof {
        case .secretInHeader: curlConfiguration(#"user = "$client_id:$\#(Self.secretName)""#)
        case .secretInForm:
            curlConfiguration(
                #"""
                data-urlencode = "client_id=$client_id"
                data-urlencode = "client_secret=$\#(Self.secretName)"
                """#)
        case .none, .key: #"    --data-urlencode "client_id=$client_id""# + "\n"
        }
    }

    private func curlConfiguration(_ lines: String) -> String {
        "    --config - <<END\n\(lines)\nEND\n"
    }

    private var curlResource: String {
        resource.map { " \\\n    --data-urlencode resource=" + CodeLiteral.shell($0) } ?? ""
    }

    fileprivate var curlSignIn: String {
        """
        #!/bin/sh
        set -eu
        issuer=\(CodeLiteral.shell(issuer))
        client_id=\(CodeLiteral.shell(clientID))
        redirect_uri=\(CodeLiteral.shell(callback))
        scope=\(CodeLiteral.shell(scopeText))

        discovery=$(curl -sSf "$issuer/.well-known/openid-configuration")
        test "$(printf %s "$discovery" | jq -r .issuer)" = "$issuer"
        encode() { jq -rn --arg text "$1" '$text | @uri'; }
        random() { openssl rand -base64 32 | tr '+/' '-_' | tr -d '=\\n'; }

        state=$(random) nonce=$(random) verifier=$(random)
        challenge=$(printf %s "$verifier" | openssl dgst -sha256 -binary | base64 \\
            | tr '+/' '-_' | tr -d '=\\n')
        authorization=$(printf %s "$discovery" | jq -r .authorization_endpoint)
        echo "$authorization?response_type=code&client_id=$client_id&state=$state&nonce=$nonce\
        &code_challenge=$challenge&code_challenge_method=S256\
        &redirect_uri=$(encode "$redirect_uri")&scope=$(encode "$scope")\(curlResourceQuery)"

        echo "Paste the address that the browser ends at:" >&2
        read -r answer
        value() {
            printf %s "${answer#*[?]}" | tr '&' '\\n' | sed -n "s/^$1=//p" | head -n 1 \\
                | sed 's/%\\([0-9A-Fa-f][0-9A-Fa-f]\\)/\\\\x\\1/g' | xargs -0 printf %b
        }
        test "$(value state)" = "$state" && test "$(value iss)" = "$issuer"

        curl -sS "$(printf %s "$discovery" | jq -r .token_endpoint)" \\
            -d grant_type=authorization_code --data-urlencode "code=$(value code)" \\
            --data-urlencode "redirect_uri=$redirect_uri" -d "code_verifier=$verifier" \\
        \(curlProof)
        """
    }

    private var curlResourceQuery: String {
        resource.map { "&resource=$(encode \(CodeLiteral.shell($0)))" } ?? ""
    }

    fileprivate var curlMachine: String {
        """
        #!/bin/sh
        set -eu
        issuer=\(CodeLiteral.shell(issuer))
        client_id=\(CodeLiteral.shell(clientID))
        scope=\(CodeLiteral.shell(scopeText))

        endpoint=$(curl -sSf "$issuer/.well-known/openid-configuration" | jq -r .token_endpoint)
        curl -sS "$endpoint" -d grant_type=client_credentials \\
            --data-urlencode "scope=$scope"\(curlResource) \\
        \(curlProof)
        """
    }
}

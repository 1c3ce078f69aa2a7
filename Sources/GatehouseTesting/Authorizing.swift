private import GatehouseClient
private import GatehouseProtocol

extension FakeIssuer {
    /// Signs the person in, and says where the browser goes with the answer.
    func authorize(_ url: String) throws -> String {
        let query = url.utf8.split(separator: UInt8(ascii: "?"), maxSplits: 1).last
        var form = try FormParameters(decoding: query ?? Substring().utf8)
        if let name = form["request_uri"] {
            guard let request = change({ $0.pushed.removeValue(forKey: name) }) else {
                throw OAuthError(.invalidRequest, "The request was not pushed.")
            }
            form = try FormParameters(decoding: request.utf8)
        }
        guard let clientID = form["client_id"], let redirectURI = form["redirect_uri"],
            let state = form["state"]
        else { throw OAuthError(.invalidRequest, "The request lacks a parameter.") }
        let grant = IssuerState.Grant(
            clientID: clientID, scope: form["scope"] ?? "", nonce: form["nonce"],
            challenge: form["code_challenge"], redirectURI: redirectURI,
            keyThumbprint: form["dpop_jkt"])
        return answer(to: redirectURI, state: state, grant: grant)
    }

    private func answer(
        to redirectURI: String, state: String, grant: IssuerState.Grant
    ) -> String {
        let (code, misbehavior) = change { issuer in
            let code = issuer.name("code")
            issuer.codes[code] = grant
            return (code, issuer.misbehavior)
        }
        var parameters = [("code", code), ("state", state), ("iss", address)]
        switch misbehavior {
        case .foreignIssuerInCallback: parameters[2].1 = "https://attacker.test"
        case .noIssuerInCallback: parameters.remove(at: 2)
        case .foreignState: parameters[1].1 = "somebody-else"
        case .noState: parameters.remove(at: 1)
        case .twoCodes: parameters.append(("code", "another"))
        default: break
        }
        return redirectURI + "?" + FormParameters(parameters).encoded
    }
}

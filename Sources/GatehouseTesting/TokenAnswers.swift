private import Crypto
private import GatehouseClient
private import GatehouseEncoding
private import GatehouseJOSE
internal import GatehouseProtocol
internal import Hummingbird

extension FakeIssuer {
    /// What the token endpoint answers.
    func token(_ form: FormParameters, proof: String?) throws -> Response {
        let thumbprint = try proof.map { try checked($0) }
        let grant: IssuerState.Grant
        var (withIDToken, replacesToken) = (true, true)
        switch form["grant_type"] {
        case "authorization_code": grant = try redeem(form)
        case "refresh_token":
            grant = try rotate(form)
            replacesToken = change { $0.rotatesRefreshTokens }
            withIDToken = change { $0.givesIDTokenOnRefresh }
        case "urn:ietf:params:oauth:grant-type:device_code":
            try waitForPerson()
            grant = IssuerState.Grant(clientID: form["client_id"] ?? "app", scope: "openid")
        case "client_credentials":
            return try answer(
                IssuerState.Grant(clientID: "app", scope: form["scope"] ?? ""), nil, thumbprint,
                refreshes: false)
        case "urn:ietf:params:oauth:grant-type:token-exchange":
            return try answer(
                IssuerState.Grant(clientID: "app", scope: form["scope"] ?? ""), nil, thumbprint,
                refreshes: false)
        default: throw OAuthError(.unsupportedGrantType, "That is no grant type.")
        }
        if let announced = grant.keyThumbprint, !announced.isExactly(thumbprint ?? "") {
            throw OAuthError(.invalidDPoPProof, "The proof is of another key.")
        }
        return try answer(grant, withIDToken ? grant : nil, thumbprint, refreshes: replacesToken)
    }

    private func checked(_ text: String) throws -> String {
        let proof: DPoPProof
        do throws(JOSEError) {
            proof = try DPoPProof(verifying: text)
        } catch {
            throw OAuthError(.invalidDPoPProof, "The proof is none.")
        }
        let isRight = proof.nonce?.isExactly(Self.nonce) ?? !change { $0.wantsNonce }
        guard isRight else { throw OAuthError(.useDPoPNonce, "The proof needs a nonce.") }
        return proof.keyThumbprint
    }

    private func redeem(_ form: FormParameters) throws -> IssuerState.Grant {
        let digest = SHA256.hash(data: Array((form["code_verifier"] ?? "").utf8))
        let grant = change { state in form["code"].flatMap { state.codes.removeValue(forKey: $0) } }
        guard let grant, grant.challenge ?? "" == Base64URL.encode(digest),
            grant.redirectURI == form["redirect_uri"]
        else { throw OAuthError(.invalidGrant, "The code is wrong or was used.") }
        return grant
    }

    /// A refresh token works once, or for as long as it is not revoked.
    private func rotate(_ form: FormParameters) throws -> IssuerState.Grant {
        let grant = change { state in
            form["refresh_token"].flatMap { name in
                state.rotatesRefreshTokens
                    ? state.refreshTokens.removeValue(forKey: name) : state.refreshTokens[name]
            }
        }
        guard let grant else {
            throw OAuthError(.invalidGrant, "The refresh token is wrong or was used.")
        }
        return grant
    }

    private func waitForPerson() throws {
        let isPending = change { state in
            defer { state.pendingAnswers = max(0, state.pendingAnswers - 1) }
            return state.pendingAnswers > 0
        }
        if isPending { throw OAuthError(.authorizationPending, "Nobody has answered yet.") }
    }

    private func answer(
        _ grant: IssuerState.Grant, _ idGrant: IssuerState.Grant?, _ thumbprint: String?,
        refreshes: Bool
    ) throws -> Response {
        let (state, refreshToken) = change { state in
            let name = state.name("refresh")
            if refreshes { state.refreshTokens[name] = grant }
            return (state, name)
        }
        guard state.misbehavior != .unreadableAnswer else { return .document(Array("[".utf8)) }
        let accessToken = try self.accessToken(
            for: "api", scope: grant.scope, boundTo: thumbprint)
        let idToken = try idGrant.map { try self.idToken(for: $0, with: accessToken) }
        return .document(
            JSONWriter.object { json in
                json.add("access_token", accessToken)
                let type = thumbprint == nil ? "Bearer" : "DPoP"
                json.add("token_type", state.misbehavior == .foreignTokenType ? "MAC" : type)
                json.add("expires_in", state.lifetime)
                json.add("scope", grant.scope)
                if refreshes { json.add("refresh_token", refreshToken) }
                if let idToken, state.misbehavior != .noIDToken { json.add("id_token", idToken) }
            })
    }
}

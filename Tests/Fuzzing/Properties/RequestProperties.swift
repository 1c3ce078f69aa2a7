import GatehouseEncoding
import GatehouseProtocol

/// A request says what its form says, and nothing that stands there twice.
enum RequestProperties {
    static func check(
        _ form: FormParameters, _ other: IndependentForm, _ input: [UInt8]
    ) throws(Violation) {
        try checkClaim(form, other)
        try checkAuthorization(form, other)
        try checkToken(form, other)
        try checkCredentials(form, input)
    }

    private static func checkClaim(
        _ form: FormParameters, _ other: IndependentForm
    ) throws(Violation) {
        let claim = Result { () throws(ClaimedRequest.Unusable) in try ClaimedRequest(form) }
        let clientID = other.only("client_id")
        let redirectURI = other.only("redirect_uri")
        guard case .success(let claim) = claim else {
            try require(clientID == nil || redirectURI == nil, "A whole claim is taken.")
            return
        }
        try require(clientID == ExactText(claim.clientID), "The client is the only one.")
        try require(
            redirectURI == ExactText(claim.redirectURI), "The address is the only one.")
    }

    private static func checkAuthorization(
        _ form: FormParameters, _ other: IndependentForm
    ) throws(Violation) {
        let request = Result { () throws(OAuthError) in try AuthorizationRequest(form) }
        guard case .success(let request) = request else { return }
        try require(!other.hasRepetition, "What stands twice is refused.")
        try require(other.only("response_type") == ExactText("code"), "Only codes are given.")
        try require(other.only("state") == exact(request.state), "The state is the one sent.")
        try require(other.only("nonce") == exact(request.nonce), "The nonce is the one sent.")
        let challenge = exact(request.codeChallenge?.text)
        try require(other.only("code_challenge") == challenge, "The challenge is the one sent.")
        try require(
            Set(request.scope.values).count == request.scope.values.count, "A scope is asked once.")
        // The request is stored in this form, and read from it at the end of the sign-in.
        let stored = FormParameters(
            request.parameters.map { name, value in (name.text.description, value) })
        let again = Result { () throws(OAuthError) in try AuthorizationRequest(stored) }
        try require((try? again.get()) == request, "A stored request is the request.")
    }

    private static func checkToken(
        _ form: FormParameters, _ other: IndependentForm
    ) throws(Violation) {
        let request = Result { () throws(OAuthError) in try TokenRequest(form, proof: nil) }
        guard case .success(let request) = request else { return }
        let many = request.grantType == .tokenExchange ? ["resource", "audience"] : ["resource"]
        try require(!other.hasRepetition(besides: many), "What stands twice is refused.")
        try require(
            other.only("grant_type") == ExactText(request.grantType.rawValue),
            "The grant is the one named.")
        switch request {
        case .authorizationCode(let request):
            try require(other.only("code") == ExactText(request.code), "The code is the one sent.")
            let verifier = exact(request.codeVerifier)
            try require(other.only("code_verifier") == verifier, "The verifier is the one sent.")
            let address = exact(request.redirectURI)
            try require(other.only("redirect_uri") == address, "The address is the one sent.")
        case .refreshToken(let request):
            let token = ExactText(request.refreshToken)
            try require(other.only("refresh_token") == token, "The token is the one sent.")
        case .clientCredentials(let request):
            let asked = other.only("scope")?.text.split(separator: " ").map(String.init) ?? []
            try require(
                Set(request.scope?.values ?? []) == Set(asked), "The scope is the one asked for.")
        case .deviceCode(let request):
            let code = ExactText(request.deviceCode)
            try require(other.only("device_code") == code, "The code is the one sent.")
            let verifier = exact(request.codeVerifier)
            try require(other.only("code_verifier") == verifier, "The verifier is the one sent.")
        case .tokenExchange(let request): try checkExchange(request, other)
        case .jwtBearer(let request):
            let assertion = ExactText(request.assertion)
            try require(other.only("assertion") == assertion, "The assertion is the one sent.")
        case .ciba(let request):
            let id = ExactText(request.authReqID)
            try require(other.only("auth_req_id") == id, "The auth_req_id is the one sent.")
        }
    }

    private static func checkExchange(
        _ request: TokenExchangeRequest, _ other: IndependentForm
    ) throws(Violation) {
        let subject = ExactText(request.subjectToken.text)
        try require(other.only("subject_token") == subject, "The subject is the one sent.")
        let type = ExactText(request.subjectToken.type.rawValue)
        try require(other.only("subject_token_type") == type, "Its type is the one sent.")
        let actor = exact(request.actorToken)
        try require(other.only("actor_token") == actor, "The actor is the one sent.")
        try require(
            other.values(of: "requested_subject").isEmpty, "Nobody is asked for by name.")
    }

    /// The input as a client's name and password in an `Authorization` header.
    private static func checkCredentials(
        _ form: FormParameters, _ input: [UInt8]
    ) throws(Violation) {
        let empty = FormParameters([])
        let header = "Basic " + Base64.encode(input)
        let read = Result { () throws(OAuthError) in
            try ClientAuthentication(authorization: [header], form: empty)
        }
        let halves = input.split(separator: 0x3A, maxSplits: 1, omittingEmptySubsequences: false)
        guard case .success(.clientSecretBasic(let clientID, let secret)) = read else { return }
        try require(halves.count == 2, "Name and secret have a colon between them.")
        let name = IndependentForm.decode(halves[0])
        let password = IndependentForm.decode(halves[1])
        try require(name == Array(clientID.utf8), "The name is the one sent.")
        try require(password == Array(secret.utf8), "The secret is the one sent.")
    }
}

extension IndependentForm {
    /// The value of a parameter that is there once and not empty.
    fileprivate func only(_ name: String) -> ExactText? {
        let values = values(of: name)
        guard values.count == 1, !values[0].isEmpty else { return nil }
        return ExactText(String(decoding: values[0], as: UTF8.self))
    }
}

private func exact(_ text: String?) -> ExactText? {
    text.map(ExactText.init)
}

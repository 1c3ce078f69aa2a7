internal import GatehouseEncoding
internal import GatehouseProtocol
private import Synchronization

/// How an app asks the endpoints of its provider: with its credential, and with a proof that it has
/// the key that its tokens are bound to.
final class EndpointRequests: Sendable {
    private let configuration: ClientConfiguration
    private let issuer: String
    private let transport: HTTPTransport
    private let clock: ClientClock
    private let random: RandomSource
    /// What the provider gave last to put into proofs (RFC 9449 §8).
    private let nonce = Mutex<String?>(nil)

    init(
        configuration: ClientConfiguration, issuer: String, transport: HTTPTransport,
        clock: ClientClock, random: RandomSource
    ) {
        self.configuration = configuration
        self.issuer = issuer
        self.transport = transport
        self.clock = clock
        self.random = random
    }

    /// A name and a value of a form.
    typealias Parameter = (String, String)

    /// Posts a form as the client, and reads the JSON object that is answered.
    ///
    /// - Returns: Nil if the answer is good and empty, as that of a revocation may be.
    func post(
        _ parameters: [Parameter], to address: ProviderAddress, provesKey: Bool
    ) async throws -> JSONObject? {
        let answer = try await sent(parameters, to: address, provesKey: provesKey)
        try Self.checkAvailable(answer)
        if (200...299).contains(answer.status), answer.body.isEmpty { return nil }
        let object: JSONObject
        do throws(JSONError) {
            object = try JSONObject(parsing: answer.body)
        } catch {
            throw answer.status == 200
                ? ClientError.untrustworthy(.answer)
                : ClientError.unreachable("It answered with the status \(answer.status).")
        }
        guard (200...299).contains(answer.status) else {
            guard let code = object["error"]?.string else {
                throw ClientError.unreachable("It answered with the status \(answer.status).")
            }
            throw OAuthRefusal(
                code: code, detail: object["error_description"]?.string, status: answer.status)
        }
        return object
    }

    /// Asks for what an access token opens.
    func get(_ address: ProviderAddress, with token: TokenSet) async throws -> JSONObject {
        var request = HTTPTransport.Request(address: address)
        let answer = try await provingKey(token.isBound, of: "GET", to: address) { proof in
            request.headers = [
                ("authorization", "\(token.isBound ? "DPoP" : "Bearer") \(token.accessToken)")
            ]
            if let proof { request.headers.append(("dpop", try proof(token.accessToken))) }
            return request
        }
        try Self.checkAvailable(answer)
        guard answer.status == 200 else {
            throw OAuthRefusal(code: "invalid_token", detail: nil, status: answer.status)
        }
        do throws(JSONError) {
            return try JSONObject(parsing: answer.body)
        } catch {
            throw ClientError.untrustworthy(.answer)
        }
    }

    /// Whoever is broken or overwhelmed has decided nothing, whatever the answer says.
    private static func checkAvailable(_ answer: HTTPTransport.Answer) throws(ClientError) {
        guard answer.status < 500, answer.status != 429 else {
            throw .unreachable("It answered with the status \(answer.status).")
        }
    }

    private func sent(
        _ parameters: [Parameter], to address: ProviderAddress, provesKey: Bool
    ) async throws -> HTTPTransport.Answer {
        try await provingKey(provesKey, of: "POST", to: address) { proof in
            var request = HTTPTransport.Request(address: address)
            let credential = try self.credential()
            request.form = FormParameters(parameters + credential.parameters).encoded
            request.headers = credential.headers
            if let proof { request.headers.append(("dpop", try proof(nil))) }
            return request
        }
    }

    /// A proof for an access token, or for none.
    private typealias Proof = (String?) throws -> String

    /// Sends what is made with a proof; once more if the provider has a new nonce for it.
    ///
    /// What is made is made anew for the second attempt: an assertion works once, too.
    private func provingKey(
        _ isNeeded: Bool, of method: String, to address: ProviderAddress,
        _ make: (Proof?) throws -> HTTPTransport.Request
    ) async throws -> HTTPTransport.Answer {
        guard isNeeded, let key = configuration.tokenKey else {
            return try await transport.send(make(nil))
        }
        let proof: Proof = { accessToken in
            try key.proof(
                method: method, address: address.text, accessToken: accessToken,
                nonce: self.nonce.withLock { $0 }, time: self.clock.time,
                name: self.random.secret())
        }
        let answer = try await transport.send(make(proof))
        guard let fresh = answer.nonce else { return answer }
        let isNew = nonce.withLock { nonce in
            defer { nonce = fresh }
            return nonce.map { !$0.isExactly(fresh) } ?? true
        }
        guard isNew, [400, 401].contains(answer.status), Self.wantsNonce(answer) else {
            return answer
        }
        return try await transport.send(make(proof))
    }

    private static func wantsNonce(_ answer: HTTPTransport.Answer) -> Bool {
        // An API may say so in a header only; the token endpoint says it here (RFC 9449 §8).
        guard let object = try? JSONObject(parsing: answer.body) else { return true }
        return object["error"]?.string?.isExactly("use_dpop_nonce") ?? true
    }

    private func credential() throws -> (
        headers: [(name: String, value: String)], parameters: [Parameter]
    ) {
        let clientID = configuration.clientID
        switch configuration.credential.method {
        case .none: return ([], [("client_id", clientID)])
        case .basic(let secret):
            let pair = clientID.queryEncoded + ":" + secret.queryEncoded
            return ([("authorization", "Basic " + Base64.encode(pair.utf8))], [])
        case .post(let secret):
            return ([], [("client_id", clientID), ("client_secret", secret)])
        case .assertion(let key):
            let assertion = try key.assertion(
                clientID: clientID, audience: issuer, time: clock.time, name: random.secret())
            return (
                [],
                [
                    ("client_id", clientID), ("client_assertion", assertion),
                    (
                        "client_assertion_type",
                        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
                    ),
                ]
            )
        }
    }
}

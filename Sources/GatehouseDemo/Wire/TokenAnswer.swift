import GatehouseEncoding

/// What the token endpoint answered (RFC 6749 §5.1), before any of it was checked.
struct TokenAnswer: Sendable {
    let accessToken: String
    /// Seconds that the access token is good for.
    let expiresIn: Int64
    let idToken: String?
    let refreshToken: String?

    /// Reads an answer; a refusal becomes the error it names (§5.2).
    init(_ answer: Outbound.Answer) throws(ProblemView.Problem) {
        let object: JSONObject
        do throws(JSONError) {
            object = try JSONObject(parsing: answer.body)
        } catch {
            throw .unreachable
        }
        guard answer.status == 200 else {
            guard let code = object["error"]?.string else { throw .unreachable }
            throw .answered(code: code, description: object["error_description"]?.string)
        }
        guard let accessToken = object["access_token"]?.string, !accessToken.isEmpty,
            let expiresIn = object["expires_in"]?.integer, (1...1 << 32).contains(expiresIn)
        else {
            throw .untrustworthy(check: "The answer has to hold an access token and its lifetime.")
        }
        guard object["token_type"]?.string?.lowercased().isExactly("bearer") ?? false else {
            throw .untrustworthy(check: "The access token has to be a bearer token.")
        }
        self.accessToken = accessToken
        self.expiresIn = expiresIn
        idToken = object["id_token"]?.string
        refreshToken = object["refresh_token"]?.string
    }
}

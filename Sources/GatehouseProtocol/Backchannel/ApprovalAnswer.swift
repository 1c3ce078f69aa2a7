private import GatehouseEncoding

/// What an app says that its person answers: a JSON object with the member `decision`.
public enum ApprovalAnswer: String, Sendable, Hashable, CaseIterable {
    case allow
    case deny

    /// Reads the body of a request; other members are left out.
    public init(parsing body: [UInt8]) throws(OAuthError) {
        let json: JSONObject
        do throws(JSONError) {
            json = try JSONObject(parsing: body)
        } catch {
            throw OAuthError(.invalidRequest, "The body is not one JSON object.")
        }
        guard let answer = json["decision"]?.string.flatMap(ApprovalAnswer.init(rawValue:)) else {
            throw OAuthError(.invalidRequest, "The decision is neither allow nor deny.")
        }
        self = answer
    }
}

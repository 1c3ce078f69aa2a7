package import GatehouseEncoding

/// The parameters of an authorization request that its client signed as the claims of a JWT
/// (RFC 9101 §4), read for what they say.
///
/// Who signed them, for whom and for how long is not looked at here.
public struct RequestObject: Sendable {
    /// The parameters, as a form would have them.
    package let form: FormParameters

    /// The claims that say something of the JWT and nothing of the request (RFC 7519 §4.1).
    private static let claimsOfToken = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"]

    /// Reads the parameters.
    ///
    /// A number is one in decimal digits, and an object, such as `claims`, its JSON. Only a
    /// `resource` may be a list of texts: each is one parameter (RFC 8707 §2).
    package init(_ claims: JSONObject) throws(OAuthError) {
        guard claims.members.count <= FormParameters.limit else {
            throw OAuthError(.invalidRequestObject, "The request object has too many members.")
        }
        let nested = ["request", "request_uri"]
        guard !nested.contains(where: { claims[$0] != nil }) else {
            throw OAuthError(
                .invalidRequestObject, "A request object cannot hold another one (RFC 9101).")
        }
        var pairs: [(String, String)] = []
        for member in claims.members {
            guard !Self.claimsOfToken.contains(where: member.name.isExactly) else { continue }
            for text in try Self.texts(of: member) { pairs.append((member.name, text)) }
        }
        guard pairs.count <= FormParameters.limit else {
            throw OAuthError(.invalidRequestObject, "The request object has too many members.")
        }
        form = FormParameters(pairs)
    }

    private static func texts(of member: JSONObject.Member) throws(OAuthError) -> [String] {
        switch member.value {
        case .string(let text): return [text]
        case .integer(let number): return [String(number)]
        case .bool(let flag): return [flag ? "true" : "false"]
        case .object: return [String(decoding: member.value.serialized(), as: UTF8.self)]
        case .array:
            guard member.name.isExactly(ParameterName.resource.text.description) else {
                return [String(decoding: member.value.serialized(), as: UTF8.self)]
            }
            guard let texts = member.value.strings else { break }
            return texts
        case .null, .number: break
        }
        throw OAuthError(
            .invalidRequestObject, "A member of the request object is of the wrong kind.")
    }
}

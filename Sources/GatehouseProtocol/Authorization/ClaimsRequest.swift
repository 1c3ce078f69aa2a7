private import GatehouseEncoding

/// The claims that a client asks for one by one (OpenID Connect Core §5.5).
///
/// What this server does not know is not asked for here: unknown claims are ignored, as the
/// standard wants.
public struct ClaimsRequest: Sendable, Hashable {
    /// The parameter as it was sent.
    package let text: String
    /// The claims about the person that userinfo is to tell.
    public let userInfo: [String]
    /// The claims about the person that the ID token is to tell.
    public let idToken: [String]
    /// The only person about whom an answer may be.
    public let subject: String?
    /// The authentication context classes that would do, most wanted first.
    public let contextClasses: [String]
    /// True if an answer without one of these classes is worse than none.
    public let isContextClassEssential: Bool

    /// The most bytes that the parameter may have.
    public static let limit = 4_096

    fileprivate static let malformed = OAuthError(
        .invalidRequest, "The claims parameter is not what OpenID Connect Core 5.5 describes.")

    /// Reads the parameter.
    public init(parsing text: String) throws(OAuthError) {
        guard text.utf8.count <= Self.limit else {
            throw OAuthError(.invalidRequest, "The claims parameter is longer than 4096 bytes.")
        }
        let json: JSONObject
        do throws(JSONError) {
            json = try JSONObject(parsing: Array(text.utf8))
        } catch {
            throw Self.malformed
        }
        let forUserInfo = try Wish.all(json["userinfo"])
        let forIDToken = try Wish.all(json["id_token"])
        self.text = text
        userInfo = forUserInfo.map(\.name).filter(IdentityClaims.names.contains)
        idToken = forIDToken.map(\.name).filter(IdentityClaims.names.contains)
        subject = try Self.subject(of: forUserInfo + forIDToken)
        let contextClass = forIDToken.first { $0.name.isExactly("acr") }
        contextClasses = try contextClass?.texts() ?? []
        isContextClassEssential = contextClass?.isEssential ?? false
    }

    /// The one person whom all wishes for `sub` name.
    private static func subject(of wishes: [Wish]) throws(OAuthError) -> String? {
        var subjects: [String] = []
        for wish in wishes where wish.name.isExactly("sub") { subjects += try wish.texts() }
        guard let subject = subjects.first else { return nil }
        guard subjects.allSatisfy(subject.isExactly) else {
            throw OAuthError(.invalidRequest, "The claims parameter asks for more than one sub.")
        }
        return subject
    }
}

/// One claim that is asked for, and how.
private struct Wish {
    let name: String
    let isEssential: Bool
    /// The values that would do; none if any will.
    let values: [JSONValue]

    /// The members of `userinfo` or `id_token`.
    static func all(_ value: JSONValue?) throws(OAuthError) -> [Wish] {
        guard let value, value != .null else { return [] }
        guard let object = value.object else { throw ClaimsRequest.malformed }
        var wishes: [Wish] = []
        for member in object.members { wishes.append(try Wish(member)) }
        return wishes
    }

    private init(_ member: JSONObject.Member) throws(OAuthError) {
        name = member.name
        guard member.value != .null else {
            isEssential = false
            values = []
            return
        }
        guard let wish = member.value.object,
            let isEssential = (wish["essential"] ?? false).bool,
            let values = (wish["values"] ?? []).array
        else { throw ClaimsRequest.malformed }
        self.isEssential = isEssential
        self.values = (wish["value"].map { [$0] } ?? []) + values
    }

    /// The values of a claim that is a text.
    func texts() throws(OAuthError) -> [String] {
        let texts = values.compactMap(\.string)
        guard texts.count == values.count else { throw ClaimsRequest.malformed }
        return texts
    }
}

package import GatehouseEncoding

/// What a client wants to do, told in full (RFC 9396 §2): a list of objects, each of a type that
/// says what its other members mean.
///
/// Order and repetition change nothing, so they are taken away: two lists that say the same are equal.
public struct AuthorizationDetails: Sendable, Hashable {
    /// The details, each once.
    public let all: [AuthorizationDetail]

    /// The most bytes that the parameter may have.
    public static let limit = 4_096
    /// The most details that it may hold.
    public static let most = 8

    fileprivate static let malformed = OAuthError(
        .invalidAuthorizationDetails,
        "The authorization_details are no list of objects as RFC 9396 describes it.")

    /// Reads the parameter; nil if it is not there.
    public static func requested(
        in form: FormParameters
    ) throws(OAuthError) -> AuthorizationDetails? {
        guard let text = form[.authorizationDetails] else { return nil }
        return try AuthorizationDetails(parsing: text)
    }

    /// Refuses the parameter where nobody would be shown what it asks for.
    ///
    /// Ignoring it would issue a token that does not say what its client believes.
    static func refuse(in form: FormParameters) throws(OAuthError) {
        guard form[.authorizationDetails] == nil else {
            throw OAuthError(
                .invalidAuthorizationDetails,
                "Authorization details cannot be asked for by this kind of request.")
        }
    }

    /// Parses the parameter.
    public init(parsing text: String) throws(OAuthError) {
        guard text.utf8.count <= Self.limit else {
            throw OAuthError(
                .invalidAuthorizationDetails,
                "The authorization_details are longer than 4096 bytes.")
        }
        let list: [JSONValue]?
        do throws(JSONError) {
            list = try JSONValue(parsing: Array(text.utf8)).array
        } catch {
            throw Self.malformed
        }
        guard let list, (1...Self.most).contains(list.count) else { throw Self.malformed }
        var all: [AuthorizationDetail] = []
        for value in list {
            let detail = try AuthorizationDetail(value)
            if !all.contains(detail) { all.append(detail) }
        }
        self.all = all
    }

    private init(_ all: [AuthorizationDetail]) {
        self.all = all
    }

    /// The list as it is stored and sent.
    package var text: String { String(decoding: json.serialized(), as: UTF8.self) }

    /// The list as a member of an answer or a token.
    package var json: JSONValue { .array(all.map { .object($0.json) }) }

    /// The details that fit; nil if none does.
    package func filter(_ fits: (AuthorizationDetail) -> Bool) -> AuthorizationDetails? {
        let fitting = all.filter(fits)
        return fitting.isEmpty ? nil : AuthorizationDetails(fitting)
    }

    /// True if each of these is granted by one of the other ones (RFC 9396 §6).
    package func isCovered(by granted: AuthorizationDetails) -> Bool {
        all.allSatisfy { detail in granted.all.contains { $0.covers(detail) } }
    }
}

/// One object of the list.
public struct AuthorizationDetail: Sendable, Hashable {
    /// What its other members mean.
    public let type: String
    /// All members but the type, by name; objects inside are sorted too.
    package let members: [JSONObject.Member]
    /// The same as one text, by which two details are compared.
    private let text: String

    /// The members that may be of any type, each a list of texts (RFC 9396 §2.2).
    package static let common = ["actions", "datatypes", "locations", "privileges"]
    /// The most bytes that a type may have.
    package static let typeLimit = 200
    /// How deep values may be nested, the detail itself included.
    private static let deepest = 5
    /// The most members that an object may have.
    private static let mostMembers = 20

    /// Reads one object.
    package init(_ value: JSONValue) throws(OAuthError) {
        guard case .object(let sorted)? = value.sorted(deepest: Self.deepest, Self.mostMembers),
            let type = sorted["type"]?.string, Self.isType(type)
        else { throw AuthorizationDetails.malformed }
        self.type = type
        members = sorted.members.filter { !$0.name.isExactly("type") }
        text = String(decoding: JSONValue.object(sorted).serialized(), as: UTF8.self)
        for member in members where Self.common.contains(where: member.name.isExactly) {
            guard let texts = member.value.strings, !texts.isEmpty else {
                throw AuthorizationDetails.malformed
            }
        }
        guard identifier != nil || !members.contains(where: { $0.name.isExactly("identifier") })
        else { throw AuthorizationDetails.malformed }
    }

    /// True for a text that can name a type: visible ASCII, without quotes.
    package static func isType(_ text: String) -> Bool {
        (1...typeLimit).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\"") }
    }

    /// The value of a member.
    package subscript(name: String) -> JSONValue? {
        members.first { $0.name.isExactly(name) }?.value
    }

    /// The one thing that it is about.
    package var identifier: String? { self["identifier"]?.string }

    /// The values of one of the common members; none if it is not there.
    package func texts(_ name: String) -> [String] { self[name]?.strings ?? [] }

    /// The object as it is sent.
    package var json: JSONObject {
        var json = JSONObject([("type", .string(type))])
        for member in members { json.add(member.name, member.value) }
        return json
    }

    /// True if the other detail asks for no more than this one: the same, or fewer of the values in a
    /// common member.
    fileprivate func covers(_ other: AuthorizationDetail) -> Bool {
        guard type.isExactly(other.type), members.count == other.members.count else { return false }
        return zip(members, other.members).allSatisfy { mine, theirs in
            guard mine.name.isExactly(theirs.name) else { return false }
            if mine.value.serialized() == theirs.value.serialized() { return true }
            guard Self.common.contains(where: mine.name.isExactly),
                let granted = mine.value.strings, let asked = theirs.value.strings
            else { return false }
            return asked.allSatisfy { one in granted.contains { one.isExactly($0) } }
        }
    }

    /// Two details are equal if their texts are.
    public static func == (left: Self, right: Self) -> Bool { left.text.isExactly(right.text) }

    /// Hashes the text.
    public func hash(into hasher: inout Hasher) { hasher.combine(ExactText(text)) }
}

extension JSONValue {
    /// The value with the members of every object by name; nil if it is too deep or too wide.
    fileprivate func sorted(deepest: Int, _ most: Int) -> JSONValue? {
        guard deepest > 0 else { return nil }
        switch self {
        case .array(let values):
            let sorted = values.compactMap { $0.sorted(deepest: deepest - 1, most) }
            return sorted.count == values.count && values.count <= most * 5 ? .array(sorted) : nil
        case .object(let object):
            guard object.members.count <= most else { return nil }
            var sorted = JSONObject()
            for member in object.members.sorted(by: { $0.name < $1.name }) {
                guard let value = member.value.sorted(deepest: deepest - 1, most) else {
                    return nil
                }
                sorted.add(member.name, value)
            }
            return .object(sorted)
        case .null, .bool, .integer, .number, .string: return self
        }
    }
}

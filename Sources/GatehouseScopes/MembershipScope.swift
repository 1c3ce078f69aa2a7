/// What somebody may do in an organization: one action on one resource, or who they are there.
///
/// The form is `resource[.sub]:action`, read at the last colon, so that a resource may have colons of
/// its own. The action `*` or `**` is any action, and `**` reaches whatever lies below the resource as
/// well; the resource `*` is any that has no dot, and `*:**` is everything. Besides, there are the bare
/// words `owner`, `admin` and `member`: they say who somebody is, and allow no action by themselves.
///
/// Nothing that is not of this form is a scope: a scope that nobody can explain allows nothing.
public struct MembershipScope: Sendable, Hashable {
    /// The scope as it is stored and sent; ASCII by construction.
    public let text: String

    /// What is acted on, and how; nil for the bare words.
    private let permission: Permission?

    /// The most bytes that a scope may have.
    public static let limit = 200

    /// Owns the organization.
    public static let owner = MembershipScope(word: "owner")
    /// Manages the organization.
    public static let admin = MembershipScope(word: "admin")
    /// Is in the organization.
    public static let member = MembershipScope(word: "member")

    private init(word: String) {
        text = word
        permission = nil
    }

    /// Parses a scope; nil if it is of another form.
    public init?(_ text: String) {
        if let word = [Self.owner, .admin, .member].first(where: { $0.text == text }) {
            self = word
            return
        }
        guard text.utf8.count <= Self.limit, let colon = text.utf8.lastIndex(of: UInt8(ascii: ":"))
        else { return nil }
        let resource = text[..<colon]
        let action = text[text.utf8.index(after: colon)...]
        guard resource == "*" || Self.isResource(resource),
            action == "*" || action == "**" || Self.isName(action.utf8)
        else { return nil }
        self.text = text
        permission = Permission(resource: String(resource), action: String(action))
    }

    /// True if what is held allows the action on the resource: the one place that decides so.
    ///
    /// The question is about one action on one resource. One about a wildcard, or about what cannot be
    /// a resource or an action, is answered with no.
    public static func allow(
        _ action: String, on resource: String, held: some Sequence<MembershipScope>
    ) -> Bool {
        guard isName(action.utf8), isResource(resource[...]) else { return false }
        return held.contains { $0.permission?.allows(action, on: resource) ?? false }
    }

    /// True if whoever holds other scopes may do what this one says: one action on one resource, and
    /// no wildcard.
    public func isAllowed(byHolding held: some Sequence<MembershipScope>) -> Bool {
        permission.map { Self.allow($0.action, on: $0.resource, held: held) } ?? false
    }

    /// True if it allows an action, and does not just say who somebody is.
    public var isPermission: Bool { permission != nil }

    /// Parts of letters, digits, `-` and `_`, between dots or colons.
    private static func isResource(_ text: Substring) -> Bool {
        text.utf8
            .split(omittingEmptySubsequences: false) {
                $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":")
            }
            .allSatisfy(isName)
    }

    private static func isName(_ text: Substring.UTF8View) -> Bool {
        !text.isEmpty
            && text.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    private static func isName(_ text: String.UTF8View) -> Bool { isName(text[...]) }
}

extension MembershipScope: Comparable {
    /// By bytes, which is the order in which tokens list scopes.
    public static func < (one: MembershipScope, other: MembershipScope) -> Bool {
        one.text.utf8.lexicographicallyPrecedes(other.text.utf8)
    }
}

/// An action on a resource, either of which may be a wildcard.
private struct Permission: Sendable, Hashable {
    let resource: String
    let action: String

    func allows(_ asked: String, on other: String) -> Bool {
        let reachesBelow = action == "**"
        guard reachesBelow || action == "*" || action == asked else { return false }
        if resource == "*" { return reachesBelow || !other.utf8.contains(UInt8(ascii: ".")) }
        return resource == other || reachesBelow && other.utf8.starts(with: "\(resource).".utf8)
    }
}

/// Something after which access tokens that were issued before say more than is true.
///
/// It says which tokens these are, by what stands in them. Rights that were added are none: a token
/// without them is no danger, and the next one has them.
package struct AccessChange: Sendable, Identified {
    package typealias ID = Identifier<AccessChange>
    package static let identifierPrefix = "chg"

    /// What happened, by what it happened to.
    package enum Kind: String, Sendable, CaseIterable {
        /// The tenant was disabled: no token counts.
        case tenant
        /// A person was disabled or deleted, or got another password.
        case user
        /// What a member may do was changed, or they are none any more.
        case membership
        /// Nobody acts in an organization any more.
        case organization
        /// The scopes of a role were changed, for all who have it.
        case role
        /// A person signed out; what was to last as long ended.
        case session
        /// A grant was revoked.
        case grant
        /// A person's consent to a client was taken back.
        case consent
        /// A client was disabled or deleted, or nobody acts in its organization any more.
        case client
        /// A resource was disabled or deleted.
        case resource
        /// A single access token was revoked.
        case token
        /// A signing key was deleted: the keys have to be fetched again.
        case key
    }

    /// Which organizations a change is about.
    enum Place: Sendable, Hashable {
        case only(Organization.ID)
        /// Every one: a role of the tenant was changed, and any of them may use it.
        case any

        /// What is stored, and told: no identifier is like that.
        var text: String {
            switch self {
            case .only(let id): id.text
            case .any: "*"
            }
        }
    }

    let kind: Kind
    /// Whom it is about; nil for everybody.
    var userID: User.ID?
    /// The clients whose tokens may be about that person: what they call them is worked out when it
    /// is told.
    var knownTo: [Client.ID] = []
    var place: Place?
    /// The only client whose tokens are meant; nil for any.
    var clientID: Client.ID?
    var grants: [Grant.ID] = []
    var tokenID: String?
    /// Whom tokens have to be for to be meant; nil for anybody.
    var audience: String?

    init(_ kind: Kind) {
        self.kind = kind
    }

    /// How long changes are kept: as long as any access token may last, and an hour more.
    package static let keptFor = Lifetime.hours(25)
}

/// How far somebody has followed the changes of a tenant.
///
/// The order is that of commits, not of requests. On PostgreSQL a transaction gets its number early
/// and may commit late; what it writes is told once every transaction with a smaller number has
/// ended, so nobody who went on from here misses anything.
package struct ChangePosition: Sendable, Hashable, Comparable {
    let number: Int64
    /// The change itself; empty for the beginning.
    let id: String

    /// Before everything.
    package static let beginning = ChangePosition(number: 0, id: "")

    init(number: Int64, id: String) {
        self.number = number
        self.id = id
    }

    /// Reads the text form; nil for what is none.
    package init?(parsing text: String) {
        guard text.utf8.count <= 64 else { return nil }
        if text.utf8.elementsEqual("0".utf8) {
            self = .beginning
            return
        }
        let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.first != UInt8(ascii: "0"),
            parts[0].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = Int64(parts[0]), let id = AccessChange.ID(parsing: String(parts[1]))
        else { return nil }
        self.init(number: number, id: id.text)
    }

    /// What a follower keeps, and brings back.
    package var text: String { self == .beginning ? "0" : "\(number)-\(id)" }

    package static func < (one: Self, other: Self) -> Bool {
        one.number == other.number ? one.id < other.id : one.number < other.number
    }
}

private import Crypto
internal import GatehouseEncoding
internal import GatehouseJOSE

/// Which tokens a change is about: those that have all that it names.
struct AccessRule: Sendable, Hashable {
    /// The digest of `sub`.
    var subject: ExactText?
    /// An organization that the token tells of; `*` for any.
    var organization: ExactText?
    var clientID: ExactText?
    var audience: ExactText?
    var grant: ExactText?
    var tokenID: ExactText?

    /// Which of these are named.
    struct Shape: OptionSet, Sendable, Hashable {
        let rawValue: UInt8

        static let subject = Shape(rawValue: 1)
        static let organization = Shape(rawValue: 2)
        static let clientID = Shape(rawValue: 4)
        static let audience = Shape(rawValue: 8)
        static let grant = Shape(rawValue: 16)
        static let tokenID = Shape(rawValue: 32)
    }

    var shape: Shape {
        var shape: Shape = []
        if subject != nil { shape.insert(.subject) }
        if organization != nil { shape.insert(.organization) }
        if clientID != nil { shape.insert(.clientID) }
        if audience != nil { shape.insert(.audience) }
        if grant != nil { shape.insert(.grant) }
        if tokenID != nil { shape.insert(.tokenID) }
        return shape
    }
}

/// What a token has that changes name.
struct AccessTraits: Sendable {
    let issuedAt: Int64
    private let subject: String?
    private let organizations: [ExactText]
    private let clientID: ExactText?
    private let audiences: [ExactText]
    private let grant: ExactText?
    private let tokenID: ExactText?

    /// Reads the claims of a token; one that does not say when it was issued is older than all.
    init(_ claims: JWTClaims) throws(JOSEError) {
        issuedAt = try claims.time("iat") ?? .min
        subject = try claims.string("sub")
        clientID = try claims.string("client_id").map(ExactText.init)
        audiences = try claims.audiences().map(ExactText.init)
        grant = try claims.string("gid").map(ExactText.init)
        tokenID = try claims.string("jti").map(ExactText.init)
        var organizations =
            claims.object["organizations"]?.array?
            .compactMap { $0["id"]?.string.map(ExactText.init) } ?? []
        if let one = try claims.string("org_id") { organizations.append(ExactText(one)) }
        if !organizations.isEmpty { organizations.append(ExactText("*")) }
        self.organizations = organizations
    }

    /// The rules of a shape that would be about the token.
    func rules(_ shape: AccessRule.Shape) -> [AccessRule] {
        var rules = [AccessRule()]
        func name(_ path: WritableKeyPath<AccessRule, ExactText?>, _ values: [ExactText]) {
            rules = rules.flatMap { rule in
                values.map { value in
                    var rule = rule
                    rule[keyPath: path] = value
                    return rule
                }
            }
        }
        if shape.contains(.subject) {
            name(\.subject, subject.map { [Self.digest($0)] } ?? [])
        }
        if shape.contains(.organization) { name(\.organization, organizations) }
        if shape.contains(.clientID) { name(\.clientID, clientID.map { [$0] } ?? []) }
        if shape.contains(.audience) { name(\.audience, audiences) }
        if shape.contains(.grant) { name(\.grant, grant.map { [$0] } ?? []) }
        if shape.contains(.tokenID) { name(\.tokenID, tokenID.map { [$0] } ?? []) }
        return rules
    }

    /// What people are named by in the feed.
    private static func digest(_ subject: String) -> ExactText {
        ExactText(Base64URL.encode(Array(SHA256.hash(data: Array(subject.utf8)))))
    }
}

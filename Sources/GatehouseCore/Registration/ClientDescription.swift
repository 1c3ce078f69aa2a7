package import GatehouseEncoding
import GatehouseProtocol

/// What a client says of itself to people (RFC 7591 §2): nothing that anything is decided by.
///
/// The addresses are shown. Only that of the logo is asked for, and what is there is kept here: pages
/// load nothing from elsewhere.
package struct ClientDescription: Sendable {
    /// The members by their registered names, some of them for one language each (`client_name#de`).
    package private(set) var members = JSONObject()

    package init() {}

    /// The most members for one language each.
    private static let mostLocalized = 40

    /// Reads what is there and right; what is not there is left out.
    init(_ json: JSONObject) throws(OAuthError) {
        var localized = 0
        for member in json.members {
            guard let (part, language) = Self.part(named: member.name), member.value != .null
            else { continue }
            if language != nil { localized += 1 }
            guard localized <= Self.mostLocalized, part.accepts(member.value),
                language == nil || part.isLocalizable
            else { throw OAuthError(.invalidClientMetadata, part.complaint) }
            members.add(member.name, member.value)
        }
        // The name itself is the client's, and stands there.
        members.remove("client_name")
    }

    /// Takes what was stored.
    init(stored members: JSONObject) {
        self.members = members
    }

    /// Where the client's logo is.
    package var logo: String? { members["logo_uri"]?.string }
    /// Where the client says what it does with data, for a link.
    package var policy: String? { members["policy_uri"]?.string }
    /// Where the client has its terms, for a link.
    package var terms: String? { members["tos_uri"]?.string }

    /// The addresses that an operator may set as well.
    package enum Link: String, Sendable, CaseIterable {
        case policy = "policy_uri"
        case terms = "tos_uri"
    }

    /// Sets an address, or takes it away; false if it is none that a page may link to.
    @discardableResult
    package mutating func set(_ link: Link, to address: String?) -> Bool {
        guard let address else {
            members.remove(link.rawValue)
            return true
        }
        guard WebAddress(parsing: address)?.scheme == "https" else { return false }
        members.remove(link.rawValue)
        members.add(link.rawValue, .string(address))
        return true
    }

    /// The part that a member is, and its language.
    private static func part(named name: String) -> (Part, language: String?)? {
        let halves = name.utf8.split(
            separator: UInt8(ascii: "#"), maxSplits: 1, omittingEmptySubsequences: false)
        let base = String(decoding: halves[0], as: UTF8.self)
        guard let part = Part.allCases.first(where: { $0.rawValue.isExactly(base) }) else {
            return nil
        }
        guard halves.count == 2 else { return (part, nil) }
        // What is no language tag (RFC 5646 §2.1) makes another member, which nobody knows.
        let tag = halves[1]
        guard (1...35).contains(tag.count),
            tag.allSatisfy({ WireText.isAlphanumeric($0) || $0 == UInt8(ascii: "-") })
        else { return nil }
        return (part, String(decoding: tag, as: UTF8.self))
    }

    private enum Part: String, CaseIterable {
        case name = "client_name"
        case logo = "logo_uri"
        case home = "client_uri"
        case policy = "policy_uri"
        case terms = "tos_uri"
        case contacts
        case softwareID = "software_id"
        case softwareVersion = "software_version"

        var isLocalizable: Bool {
            switch self {
            case .name, .logo, .home, .policy, .terms: true
            case .contacts, .softwareID, .softwareVersion: false
            }
        }

        func accepts(_ value: JSONValue) -> Bool {
            switch self {
            case .name, .softwareID, .softwareVersion:
                return value.string.flatMap(DisplayName.init(parsing:)) != nil
            case .logo, .home, .policy, .terms:
                return value.string.flatMap(WebAddress.init(parsing:))?.scheme == "https"
            case .contacts:
                guard let contacts = value.strings, contacts.count <= 10 else { return false }
                return contacts.allSatisfy { DisplayName(parsing: $0) != nil }
            }
        }

        var complaint: StaticString {
            switch self {
            case .name: "The client_name is not one line of 1 to 100 visible characters."
            case .logo: "The logo_uri is not an https address without a fragment."
            case .home: "The client_uri is not an https address without a fragment."
            case .policy: "The policy_uri is not an https address without a fragment."
            case .terms: "The tos_uri is not an https address without a fragment."
            case .contacts: "The contacts are not a list of at most ten short texts."
            case .softwareID: "The software_id is not one line of 1 to 100 visible characters."
            case .softwareVersion:
                "The software_version is not one line of 1 to 100 visible characters."
            }
        }
    }
}

internal import GatehouseEncoding

/// A change as the feed tells of it.
struct FollowedChange: Sendable {
    /// Tokens whose `iat` is not later are meant.
    let issuedUntil: Int64
    /// Each of these alone; empty if every token is meant.
    let rules: [AccessRule]
    /// True if the keys have to be fetched again, and no token is meant.
    let isAboutKeys: Bool

    /// The most names in one change.
    private static let mostNames = 1_000

    /// Reads what came in an event.
    ///
    /// - Throws: ``ClientError/untrustworthy(_:)`` for what is no change, or is of the future.
    init(_ json: JSONObject, now: Int64) throws(ClientError) {
        guard let until = json["issued_until"]?.integer, until <= now + ChangeMemory.tolerance,
            let kind = json["kind"]?.string
        else { throw .untrustworthy(.changeFeed) }
        issuedUntil = until
        isAboutKeys = kind.isExactly("key")
        var rule = AccessRule()
        rule.organization = try Self.text("organization", json)
        rule.clientID = try Self.text("client_id", json)
        rule.audience = try Self.text("audience", json)
        rule.tokenID = try Self.text("jti", json)
        var rules = [rule]
        if let subjects = try Self.list("subjects", json) {
            rules = subjects.map { subject in
                var rule = rule
                rule.subject = subject
                return rule
            }
        }
        if let grants = try Self.list("grants", json) {
            rules = rules.flatMap { rule in
                grants.map { grant in
                    var rule = rule
                    rule.grant = grant
                    return rule
                }
            }
        }
        guard rules.count <= Self.mostNames else { throw .untrustworthy(.changeFeed) }
        self.rules = rules == [AccessRule()] ? [] : rules
        // Of a list without members nobody is meant.
        isEmpty = rules.isEmpty
    }

    /// True if no token is meant.
    let isEmpty: Bool

    private static func text(
        _ name: String, _ json: JSONObject
    ) throws(ClientError) -> ExactText? {
        guard let value = json[name] else { return nil }
        guard let text = value.string else { throw .untrustworthy(.changeFeed) }
        return ExactText(text)
    }

    private static func list(
        _ name: String, _ json: JSONObject
    ) throws(ClientError) -> [ExactText]? {
        guard let value = json[name] else { return nil }
        guard let texts = value.strings, texts.count <= mostNames else {
            throw .untrustworthy(.changeFeed)
        }
        return texts.map(ExactText.init)
    }
}

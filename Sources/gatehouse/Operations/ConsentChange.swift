import GatehouseCore
import GatehouseEncoding

/// What a command changes of whose client it is, and of what people are asked for it.
struct ConsentChange: Sendable {
    private let party: ClientPolicies.Party?
    private let allowsPartialConsent: Bool?

    init(_ operation: Operation) throws(CommandError) {
        party = try operation.value(
            "party", "--party must be first or third.", ClientPolicies.Party.init)
        allowsPartialConsent = operation.arguments["partial_consent"]?.bool
    }

    /// Makes the change.
    func apply(to client: inout Client) {
        if let party { client.policies.party = party }
        if let allowsPartialConsent { client.policies.allowsPartialConsent = allowsPartialConsent }
    }
}

extension ClientPolicies {
    /// Shows the same, as commands print it.
    func addConsent(to object: inout JSONObject) {
        object.add("party", .string(party.rawValue))
        object.add("partial_consent", .bool(allowsPartialConsent))
    }
}

import GatehouseCore
import GatehouseEncoding

/// What a command changes of whose client it is, and of what people are asked for it.
struct ConsentChange: Sendable {
    private let party: ClientPolicies.Party?
    private let allowsPartialConsent: Bool?
    private let detailsTypes: [String]?

    init(_ operation: Operation) throws(CommandError) {
        party = try operation.value(
            "party", "--party must be first or third.", ClientPolicies.Party.init)
        allowsPartialConsent = operation.arguments["partial_consent"]?.bool
        detailsTypes = operation.arguments["authorization_details_types"]?.strings
    }

    /// Makes the change.
    func apply(to client: inout Client) {
        if let party { client.policies.party = party }
        if let allowsPartialConsent { client.policies.allowsPartialConsent = allowsPartialConsent }
        if let detailsTypes { client.policies.authorizationDetailsTypes = detailsTypes }
    }
}

extension ClientPolicies {
    /// Shows the same, as commands print it.
    func addConsent(to object: inout JSONObject) {
        object.add("party", .string(party.rawValue))
        object.add("partial_consent", .bool(allowsPartialConsent))
        object.add(
            "authorization_details_types", .array(authorizationDetailsTypes.map { .string($0) }))
    }
}

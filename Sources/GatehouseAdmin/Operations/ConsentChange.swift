import GatehouseCore
import GatehouseEncoding

/// What a command changes of whose client it is, of what people are asked for it, and of where they
/// read more about it.
struct ConsentChange: Sendable {
    private let links: [(link: ClientDescription.Link, address: String?)]
    private let party: ClientPolicies.Party?
    private let allowsPartialConsent: Bool?
    private let detailsTypes: [String]?

    init(_ operation: Operation) throws(OperationError) {
        party = try operation.value(
            "party", "--party must be first or third.", ClientPolicies.Party.init)
        allowsPartialConsent = operation.arguments["partial_consent"]?.bool
        detailsTypes = operation.arguments["authorization_details_types"]?.strings
        var links: [(link: ClientDescription.Link, address: String?)] = []
        for link in ClientDescription.Link.allCases {
            guard let text = operation.text(link.rawValue) else { continue }
            let address = text.isEmpty ? nil : text
            var trial = ClientDescription()
            guard trial.set(link, to: address) else {
                throw OperationError(
                    .wrongUse,
                    "--\(link.option) is not an https address without a fragment.")
            }
            links.append((link, address))
        }
        self.links = links
    }

    /// Makes the change.
    func apply(to client: inout Client) {
        if let party { client.policies.party = party }
        if let allowsPartialConsent { client.policies.allowsPartialConsent = allowsPartialConsent }
        for (link, address) in links { client.registration.description.set(link, to: address) }
        if let detailsTypes { client.policies.authorizationDetailsTypes = detailsTypes }
    }
}

extension ClientDescription.Link {
    /// What the flag of commands is called.
    fileprivate var option: String {
        switch self {
        case .policy: "policy-uri"
        case .terms: "tos-uri"
        }
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

import GatehouseCore
import GatehouseEncoding
import GatehouseJOSE

/// What a command changes of a client's profile, of what is signed, and of the name by which the
/// client knows people.
struct ProfileChange: Sendable {
    /// An algorithm, or none.
    private enum Choice: Sendable {
        case none
        case algorithm(Algorithm)

        var algorithm: Algorithm? {
            if case .algorithm(let algorithm) = self { algorithm } else { nil }
        }

        /// Reads a name, where another word stands for none.
        init?(_ text: String, none: String) {
            if text == none {
                self = .none
                return
            }
            guard let algorithm = Algorithm(name: text) else { return nil }
            self = .algorithm(algorithm)
        }
    }

    private let profile: ClientProfile?
    private let requiresSignedRequests: Bool?
    private let requestObjectAlgorithm: Choice?
    private let userInfoAlgorithm: Choice?
    private let isPairwise: Bool?
    private let sectorDocument: OutboundAddress?

    init(_ operation: Operation) throws(OperationError) {
        profile = try operation.value(
            "profile",
            "--profile must be one of: "
                + ClientProfile.allCases.map(\.rawValue).joined(separator: ", ") + ".",
            ClientProfile.init)
        requiresSignedRequests = operation.arguments["require_signed_request_object"]?.bool
        requestObjectAlgorithm = try operation.value(
            "request_object_algorithm",
            "--request-object-algorithm must be RS256, PS256, ES256, EdDSA or any."
        ) { Choice($0, none: "any") }
        userInfoAlgorithm = try operation.value(
            "userinfo_algorithm",
            "--userinfo-algorithm must be RS256, PS256, ES256, EdDSA or none."
        ) { Choice($0, none: "none") }
        isPairwise = try operation.value(
            "subject_type", "--subject-type must be public or pairwise."
        ) { ["public": false, "pairwise": true][$0] }
        sectorDocument = try operation.value(
            "sector_identifier_uri",
            "--sector-identifier-uri must be an https address without a fragment.",
            OutboundAddress.init(parsing:))
    }

    /// Takes on the profile, before anything else is changed: what is said besides stands, and is
    /// checked against it.
    func begin(_ client: inout Client) {
        if let profile { client.adopt(profile) }
    }

    /// Makes the rest of the change, or says why it cannot be made.
    func apply(to client: inout Client) throws(OperationError) {
        if let requiresSignedRequests {
            client.policies.requiresSignedRequests = requiresSignedRequests
        }
        if let requestObjectAlgorithm {
            client.policies.requestObjectAlgorithm = requestObjectAlgorithm.algorithm
        }
        if let userInfoAlgorithm {
            client.policies.userInfoAlgorithm = userInfoAlgorithm.algorithm
        }
        guard !client.policies.requiresSignedRequests || client.keys != nil else {
            throw OperationError(
                .wrongUse, "A client that signs its requests needs --jwks or --jwks-uri.")
        }
        guard profile != .standard || client.exceptions.isEmpty else {
            throw OperationError(
                .wrongUse,
                "The profile standard lets a client off nothing, and this one is let off: "
                    + client.exceptions.joined(separator: ", ") + ".")
        }
        try applySubject(to: &client)
        client.settleProfile()
    }

    private func applySubject(to client: inout Client) throws(OperationError) {
        let old = client.policies.subjectType.sector
        guard isPairwise ?? (old != nil) else {
            guard sectorDocument == nil else {
                throw OperationError(
                    .wrongUse, "A sector identifier is for --subject-type pairwise.")
            }
            client.policies.subjectType = .public
            return
        }
        if let old {
            let document = sectorDocument ?? old.document
            client.policies.subjectType = .pairwise(Sector(host: old.host, document: document))
            return
        }
        guard let sector = Sector(of: client.redirectURIs, listedAt: sectorDocument) else {
            throw OperationError(
                .wrongUse,
                "The redirect URIs of a pairwise client must all be of one host, "
                    + "or a --sector-identifier-uri has to list them.")
        }
        client.policies.subjectType = .pairwise(sector)
    }
}

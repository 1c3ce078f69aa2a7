import GatehouseEncoding
private import GatehouseJOSE
import GatehouseSQL

extension ClientPolicies {
    /// Writes the profile, and what is signed, for the database.
    func addProfile(to json: inout JSONMembers) {
        json.add("profile", profile.rawValue)
        json.add("requires_signed_requests", requiresSignedRequests)
        if let requestObjectAlgorithm {
            json.add("request_object_algorithm", requestObjectAlgorithm.name)
        }
        if let userInfoAlgorithm { json.add("userinfo_algorithm", userInfoAlgorithm.name) }
        guard let sector = subjectType.sector else { return }
        json.add("sector", sector.host)
        if let document = sector.document { json.add("sector_identifier_uri", document.text) }
    }

    /// Reads them again; clients of earlier versions have none.
    mutating func readProfile(from json: JSONObject) throws {
        if let name = json["profile"]?.string {
            guard let profile = ClientProfile(rawValue: name) else {
                throw DatabaseError.unexpectedColumn("client.policies")
            }
            self.profile = profile
        }
        requiresSignedRequests = json["requires_signed_requests"]?.bool ?? false
        requestObjectAlgorithm =
            json["request_object_algorithm"]?.string.flatMap(Algorithm.init(name:))
        userInfoAlgorithm = json["userinfo_algorithm"]?.string.flatMap(Algorithm.init(name:))
        guard let host = json["sector"]?.string else { return }
        subjectType = .pairwise(
            Sector(
                host: host,
                document: json["sector_identifier_uri"]?.string
                    .flatMap(OutboundAddress.init(parsing:))))
    }
}

private import GatehouseEncoding
private import GatehouseProtocol
import GatehouseSQL

extension RegistrationPolicy {
    /// The text for the database.
    var stored: String {
        let json = JSONWriter.object { json in
            json.add("mode", mode.rawValue)
            json.add("documents", documents.mode.rawValue)
            json.add("allowed_hosts", documents.allowed.map(\.text))
            json.add("denied_hosts", documents.denied.map(\.text))
            json.add("grant_types", grantTypes.map(\.rawValue))
            json.add("authentications", authentications.map(\.rawValue))
            if let scope { json.add("scope", scope.text) }
            json.add("redirect_hosts", redirectHosts.map(\.text))
            json.add("unused_lifetime", unusedLifetime.seconds)
            json.add("most_clients", mostClients)
        }
        return String(decoding: json, as: UTF8.self)
    }

    /// Reads it again; a tenant of an earlier version has none, and lets nobody register.
    init(stored text: String?) throws {
        guard let text else { return }
        let json = try JSONObject(parsing: Array(text.utf8))
        guard let mode = json["mode"]?.string.flatMap(Mode.init),
            let trust = json["documents"]?.string.flatMap(DocumentTrust.Mode.init),
            let unused = json["unused_lifetime"]?.integer,
            let most = json["most_clients"]?.integer
        else { throw DatabaseError.unexpectedColumn("tenant.registration_policy") }
        self.mode = mode
        documents.mode = trust
        documents.allowed = json["allowed_hosts"].hostRules
        documents.denied = json["denied_hosts"].hostRules
        grantTypes = json["grant_types"].grantTypes
        authentications = (json["authentications"]?.strings ?? [])
            .compactMap(RegisteredAuthentication.init)
        scope = try json["scope"]?.string.map { try Scope(parsing: $0) }
        redirectHosts = json["redirect_hosts"].hostRules
        unusedLifetime = .seconds(unused)
        mostClients = Int(clamping: most)
    }
}

extension RegistrationLimits {
    /// The text for the database.
    var stored: String {
        let json = JSONWriter.object { json in
            if let scope { json.add("scope", scope.text) }
            if let grantTypes { json.add("grant_types", grantTypes.map(\.rawValue)) }
            json.add("redirect_hosts", redirectHosts.map(\.text))
        }
        return String(decoding: json, as: UTF8.self)
    }

    init(stored text: String) throws {
        let json = try JSONObject(parsing: Array(text.utf8))
        scope = try json["scope"]?.string.map { try Scope(parsing: $0) }
        grantTypes = json["grant_types"].map { Optional($0).grantTypes }
        redirectHosts = json["redirect_hosts"].hostRules
    }
}

extension ClientRegistration {
    /// The text for the database; nil for a client that an operator registered, and of which there is
    /// nothing to say.
    var stored: String? {
        guard origin != .administrator || !description.members.members.isEmpty else { return nil }
        let json = JSONWriter.object { json in
            switch origin {
            case .administrator: json.add("administrator", true)
            case .registered: break
            case .metadataDocument(let address): json.add("document", address.text)
            }
            json.add("description", .object(description.members))
            if let limits { json.add("limits", limits.stored) }
            if let freshness {
                json.add("fetched_at", freshness.fetchedAt.milliseconds)
                json.add("fresh_until", freshness.freshUntil.milliseconds)
            }
        }
        return String(decoding: json, as: UTF8.self)
    }

    init(stored text: String?) throws {
        guard let text else { return }
        let json = try JSONObject(parsing: Array(text.utf8))
        if let address = json["document"]?.string {
            guard let address = MetadataDocumentAddress(parsing: address) else {
                throw DatabaseError.unexpectedColumn("client.registration")
            }
            origin = .metadataDocument(address)
        } else {
            origin = json["administrator"]?.bool == true ? .administrator : .registered
        }
        description = ClientDescription(stored: json["description"]?.object ?? JSONObject())
        limits = try json["limits"]?.string.map { try RegistrationLimits(stored: $0) }
        if let fetchedAt = json["fetched_at"]?.integer,
            let freshUntil = json["fresh_until"]?.integer
        {
            freshness = DocumentFreshness(
                fetchedAt: Timestamp(milliseconds: fetchedAt),
                freshUntil: Timestamp(milliseconds: freshUntil))
        }
    }
}

extension JSONValue? {
    /// The hosts in a stored list.
    fileprivate var hostRules: [HostRule] {
        (self?.strings ?? []).compactMap(HostRule.init(parsing:))
    }

    /// The grant types in a stored list.
    fileprivate var grantTypes: [GrantType] {
        (self?.strings ?? []).compactMap(GrantType.init(parsing:))
    }
}

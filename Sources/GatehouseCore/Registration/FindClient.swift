import GatehouseEncoding
import GatehouseProtocol
import GatehouseSQL

/// Finds the client of an identifier: one that is registered here, or one whose identifier is the
/// address of a document that says what it is (draft-ietf-oauth-client-id-metadata-document).
///
/// A document makes a row like that of any other client, which is renewed when the document is old.
/// So whatever a client has, grants and events among it, hangs on a record of its tenant.
package struct FindClient: Sendable {
    let registry: Registry
    let documents: ClientDocuments
    let usage: UsageRecorder
    let instanceKey: InstanceKey

    /// How long a client of a document is kept that nobody uses.
    private static let unusedLifetime = Lifetime.days(1)

    /// The client; nil if there is none.
    ///
    /// - Throws: ``LimitExceeded`` if so many documents were asked for from one network.
    func find(
        _ id: Client.ID, of tenant: Tenant, through issuer: Issuer, on occasion: Occasion
    ) async throws -> RegisteredClient? {
        guard let address = MetadataDocumentAddress(parsing: id.text) else {
            return try await registry.client(id, of: tenant.id, at: occasion.now)
        }
        guard tenant.registrationPolicy.documents.trusts(address.host),
            !address.leads(to: issuer)
        else { return nil }
        let known = try await registry.client(id, of: tenant.id, at: occasion.now)
        if let known, known.client.registration.freshness?.isFresh(at: occasion.now) ?? false {
            return known
        }
        try await renew(id, address, isKnown: known != nil, of: tenant, on: occasion)
        let renewed = try await registry.client(id, of: tenant.id, at: occasion.now)
        guard renewed?.client.registration.freshness?.isUsable(at: occasion.now) ?? false else {
            return nil
        }
        return renewed
    }

    /// Asks for the document, if that may be done now, and records what it says.
    private func renew(
        _ id: Client.ID, _ address: MetadataDocumentAddress, isKnown: Bool, of tenant: Tenant,
        on occasion: Occasion
    ) async throws {
        let key = ClientDocuments.Key(tenant: tenant.id, address: address)
        if !isKnown, documents.isDue(key, at: occasion.now) {
            try await count(at: tenant, on: occasion)
        }
        try await documents.attempt(key, at: occasion.now) {
            do {
                try await fetch(id, address, of: tenant, on: occasion)
            } catch let error as ClientDocuments.Unavailable {
                usage.record(
                    Event(
                        .metadataDocumentUnavailable, by: .system, of: id.text,
                        detail: [("reason", error.reason)]),
                    of: tenant.id, on: occasion)
            }
        }
    }

    /// Counts a document that nobody has asked for yet.
    private func count(at tenant: Tenant, on occasion: Occasion) async throws {
        let keys = AttemptKeys(instanceKey: instanceKey, tenant: tenant.id)
        let attempt = Attempt(
            [keys.counter(.metadataDocumentNetwork, Network(of: occasion.address).text)],
            by: .anonymous)
        // Read first: a flood must not wait among those who write.
        let refusal = try await registry.database.read {
            try attempt.refusal(in: $0.records(of: tenant.id), at: occasion.now)
        }
        if let refusal { throw refusal }
        let outcome = try await registry.database.write {
            try attempt.count(in: $0.records(of: tenant.id), on: occasion)
        }
        if case .exceeded(let exceeded) = outcome { throw exceeded }
    }

    private func fetch(
        _ id: Client.ID, _ address: MetadataDocumentAddress, of tenant: Tenant,
        on occasion: Occasion
    ) async throws {
        let (json, freshness) = try await documents.read(address, at: occasion.now)
        let metadata = try Self.metadata(json, at: address)
        let rules = RegistrationRules(
            of: tenant, limits: nil,
            resources: try await registry.resources(of: tenant.id, at: occasion.now),
            algorithms: try await registry.keys(of: tenant.id, at: occasion.now).algorithms,
            source: .document)
        let fresh = DocumentFreshness(of: freshness, at: occasion.now)
        let isRecorded = try await registry.change { transaction in
            let records = transaction.records(of: tenant.id)
            if try records.clients.hold(id), var client = try records.clients.find(id) {
                client.registration.freshness = fresh
                try Self.apply(rules, metadata, to: &client)
                client.updatedAt = occasion.now
                try records.clients.update(client)
                return true
            }
            guard try records.registrations.makeRoom(in: tenant) else { return false }
            var client = Client(
                name: metadata.defaultName, kind: .spa, id: id, at: occasion.now)
            client.registration.origin = .metadataDocument(address)
            client.registration.freshness = fresh
            try Self.apply(rules, metadata, to: &client)
            try records.clients.insert(client)
            try records.registrations.begin(
                id, unusedUntil: occasion.now + Self.unusedLifetime)
            try records.events.append(
                Event(
                    .clientCreated, by: .anonymous, of: id.text,
                    detail: [("origin", "metadata_document")]),
                on: occasion)
            return true
        }
        guard isRecorded else { throw ClientDocuments.Unavailable(reason: "no_room") }
    }

    /// What a document says, if it is about the address that it stands at and holds no secret.
    private static func metadata(
        _ json: JSONObject, at address: MetadataDocumentAddress
    ) throws(ClientDocuments.Unavailable) -> ClientMetadata {
        guard json["client_id"]?.string?.isExactly(address.text) ?? false else {
            throw .init(reason: "client_id")
        }
        guard json["client_secret"] == nil, json["client_secret_expires_at"] == nil else {
            throw .init(reason: "client_secret")
        }
        do throws(OAuthError) {
            return try ClientMetadata(json, from: .document)
        } catch {
            throw .init(reason: error.code.rawValue)
        }
    }

    private static func apply(
        _ rules: RegistrationRules, _ metadata: ClientMetadata, to client: inout Client
    ) throws(ClientDocuments.Unavailable) {
        do throws(OAuthError) {
            try rules.apply(metadata, to: &client)
        } catch {
            throw .init(reason: error.code.rawValue)
        }
    }
}

extension MetadataDocumentAddress {
    /// True if the address is one of ours: nobody identifies himself by our own answers.
    fileprivate func leads(to issuer: Issuer) -> Bool {
        guard let own = WebAddress(parsing: issuer.text) else { return false }
        let port = own.port ?? (own.scheme == "https" ? 443 : 80)
        return host.isExactly(own.host) && address.port == port
    }
}

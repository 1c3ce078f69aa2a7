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
    let checkClient: CheckClient
    /// What clients with certificates are offered.
    let mutualTLS: MutualTLSSupport?

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
        let reading = Reading(
            id: id, address: address, known: known?.client, tenant: tenant, issuer: issuer,
            occasion: occasion)
        try await renew(reading)
        let renewed = try await registry.client(id, of: tenant.id, at: occasion.now)
        guard renewed?.client.registration.freshness?.isUsable(at: occasion.now) ?? false else {
            return nil
        }
        return renewed
    }

    /// One document, and the occasion of reading it.
    private struct Reading: Sendable {
        let id: Client.ID
        let address: MetadataDocumentAddress
        /// What the client was until now.
        let known: Client?
        let tenant: Tenant
        let issuer: Issuer
        let occasion: Occasion
    }

    /// Asks for the document, if that may be done now, and records what it says.
    private func renew(_ reading: Reading) async throws {
        let (tenant, occasion) = (reading.tenant, reading.occasion)
        let key = ClientDocuments.Key(tenant: tenant.id, address: reading.address)
        if reading.known == nil, documents.isDue(key, at: occasion.now) {
            try await count(at: tenant, on: occasion)
        }
        try await documents.attempt(key, at: occasion.now) {
            let reason: String
            do {
                try await fetch(reading)
                return
            } catch let error as ClientDocuments.Unavailable {
                reason = error.reason
            } catch let error as OAuthError {
                reason = error.code.rawValue
            } catch let error as ClientRefusal {
                reason = error.registrationError.code.rawValue
            }
            usage.record(
                Event(
                    .metadataDocumentUnavailable, by: .system, of: reading.id.text,
                    detail: [("reason", reason)]),
                of: tenant.id, on: occasion)
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

    private func fetch(_ reading: Reading) async throws {
        let (tenant, occasion) = (reading.tenant, reading.occasion)
        let (json, freshness) = try await documents.read(reading.address, at: occasion.now)
        let metadata = try Self.metadata(json, at: reading.address)
        let rules = RegistrationRules(
            of: tenant, limits: nil,
            resources: try await registry.resources(of: tenant.id, at: occasion.now),
            algorithms: try await registry.keys(of: tenant.id, at: occasion.now).algorithms,
            mutualTLS: mutualTLS, source: .document)
        let beginning = Client(
            declaring: metadata, as: .metadataDocument(reading.address), id: reading.id,
            at: occasion.now)
        var trial = reading.known ?? beginning
        try rules.apply(metadata, to: &trial)
        try metadata.requireListElsewhere(than: reading.issuer)
        try trial.requireFittingLogout(servedAt: reading.issuer.text)
        try await checkClient.check(trial, insteadOf: reading.known, at: occasion.now)
        let recording = Recording(
            beginning: beginning, rules: rules, metadata: metadata, trial: trial,
            freshness: DocumentFreshness(of: freshness, at: occasion.now),
            pairwise: try PairwiseSecretRecords.sealed(
                for: trial, of: tenant.id, with: instanceKey),
            tenant: tenant, occasion: occasion)
        let isRecorded = try await registry.change { transaction in
            try recording.commit(in: transaction.records(of: tenant.id))
        }
        guard isRecorded else { throw ClientDocuments.Unavailable(reason: "no_room") }
    }

    /// The transaction's part of it.
    private struct Recording: Sendable {
        /// What the client is before its document says anything.
        let beginning: Client
        let rules: RegistrationRules
        let metadata: ClientMetadata
        let trial: Client
        let freshness: DocumentFreshness
        let pairwise: [UInt8]?
        let tenant: Tenant
        let occasion: Occasion

        /// False if there is no room for one more.
        func commit(in records: TenantRecords) throws -> Bool {
            let id = beginning.id
            if try records.clients.hold(id), let held = try records.clients.find(id) {
                var client = held
                try apply(to: &client, insteadOf: held)
                client.updatedAt = occasion.now
                try records.clients.update(client)
                return true
            }
            guard try records.registrations.makeRoom(in: tenant) else { return false }
            var client = beginning
            try apply(to: &client, insteadOf: nil)
            if let pairwise { try records.pairwiseSecrets.insert(pairwise, at: occasion.now) }
            try records.clients.insert(client)
            try records.registrations.begin(
                id, unusedUntil: occasion.now + FindClient.unusedLifetime)
            try records.events.append(
                Event(
                    .clientCreated, by: .anonymous, of: id.text,
                    detail: [("origin", "metadata_document")]),
                on: occasion)
            return true
        }

        /// Thrown where it is not what was checked, because then nothing is to be changed.
        private func apply(to client: inout Client, insteadOf held: Client?) throws {
            client.registration.freshness = freshness
            try rules.apply(metadata, to: &client)
            try CheckClient.confirm(client, insteadOf: held, checked: trial)
        }
    }

    /// What a document says, if it is about the address that it stands at and holds no secret.
    private static func metadata(
        _ json: JSONObject, at address: MetadataDocumentAddress
    ) throws -> ClientMetadata {
        guard json["client_id"]?.string?.isExactly(address.text) ?? false else {
            throw ClientDocuments.Unavailable(reason: "client_id")
        }
        guard json["client_secret"] == nil, json["client_secret_expires_at"] == nil else {
            throw ClientDocuments.Unavailable(reason: "client_secret")
        }
        return try ClientMetadata(json, from: .document)
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

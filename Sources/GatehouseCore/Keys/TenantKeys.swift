private import GatehouseEncoding
package import GatehouseJOSE
package import GatehouseProtocol
private import Synchronization

/// The keys of one tenant, with what each is for at one moment.
package struct TenantKeys: Sendable {
    private let keys: [HeldKey]
    /// From when to when each key is for the same.
    private let since: Timestamp
    private let until: Timestamp
    /// Every key that tokens are verified with.
    package let published: JSONWebKeySet
    /// The key set as it is published (RFC 7517 §5).
    package let document: [UInt8]
    /// The algorithms that some key signs with, in the order of the vocabulary.
    package let algorithms: [Algorithm]
    private let metadata = MetadataDocuments()

    /// Takes the records of the keys, oldest first; each is opened when it is needed.
    init(
        _ records: [TenantKey], of tenant: Tenant.ID, sealedWith instanceKey: InstanceKey,
        at now: Timestamp
    ) throws {
        self.init(
            try records.map { try HeldKey($0, of: tenant, sealedWith: instanceKey) }, at: now)
    }

    private init(_ keys: [HeldKey], at now: Timestamp) {
        self.keys = keys
        let turns = keys.flatMap(\.record.turns)
        since = turns.filter { $0 <= now }.max() ?? Timestamp(milliseconds: .min)
        until = turns.filter { now < $0 }.min() ?? Timestamp(milliseconds: .max)
        published = JSONWebKeySet(
            keys.filter { $0.record.state(at: now) != .removed }.map(\.publicKey))
        document = published.jsonObject.serialized()
        algorithms = Algorithm.allCases.filter { Self.signing($0, among: keys, at: now) != nil }
    }

    /// True if every key is still for what it was.
    func isCurrent(at now: Timestamp) -> Bool {
        since <= now && now < until
    }

    /// The same keys at another moment.
    func renewed(at now: Timestamp) -> TenantKeys {
        TenantKeys(keys, at: now)
    }

    /// What the tenant tells of itself at an address (OpenID Connect Discovery 1.0 §4); made once for
    /// what registers here and what its resources understand.
    package func metadata(
        of issuer: Issuer, _ registration: RegistrationSupport, _ resources: Resources,
        _ mutualTLS: MutualTLSSupport?
    ) -> [UInt8] {
        metadata.document(
            MetadataDocuments.Name(
                issuer: issuer, registration: registration, detailsTypes: resources.detailsTypes,
                mutualTLS: mutualTLS),
            algorithms)
    }

    package func idTokenSigner(_ algorithm: Algorithm, at now: Timestamp) throws -> Signer {
        try active(algorithm, at: now).idTokens
    }

    package func accessTokenSigner(_ algorithm: Algorithm, at now: Timestamp) throws -> Signer {
        try active(algorithm, at: now).accessTokens
    }

    /// A signer of tokens of another type, which are made less often.
    package func signer(
        _ algorithm: Algorithm, for type: TokenType, at now: Timestamp
    ) throws -> Signer {
        Signer(try active(algorithm, at: now).idTokens.key, type: type)
    }

    private func active(_ algorithm: Algorithm, at now: Timestamp) throws -> HeldKey.Signers {
        guard let key = Self.signing(algorithm, among: keys, at: now) else {
            throw MissingSigningKey(algorithm: algorithm)
        }
        return try key.signers()
    }

    /// The key that became active last.
    ///
    /// Where none is active the next one signs: that the first key of an algorithm has yet to begin
    /// only means that this node's clock is behind the one that made it.
    private static func signing(
        _ algorithm: Algorithm, among keys: [HeldKey], at now: Timestamp
    ) -> HeldKey? {
        let fitting = keys.filter { $0.record.algorithm == algorithm }
        return fitting.last { $0.record.state(at: now) == .active }
            ?? fitting.first { $0.record.state(at: now) == .next }
    }
}

/// A tenant has no key for an algorithm that one of its clients is registered with.
package struct MissingSigningKey: Error, Sendable {
    package let algorithm: Algorithm
}

/// A key in memory: its public half at hand, its private half opened once it signs.
private final class HeldKey: Sendable {
    /// The key with the headers of its tokens made once.
    struct Signers: Sendable {
        let idTokens: Signer
        let accessTokens: Signer
    }

    let record: TenantKey
    let publicKey: JSONWebKey
    private let tenant: Tenant.ID
    private let instanceKey: InstanceKey
    private let opened = Mutex<Signers?>(nil)

    init(
        _ record: TenantKey, of tenant: Tenant.ID, sealedWith instanceKey: InstanceKey
    ) throws {
        self.record = record
        self.tenant = tenant
        self.instanceKey = instanceKey
        publicKey = try JSONWebKey(JSONObject(parsing: Array(record.publicKey.utf8)))
        // The name of the key is sealed with it, and is made of its public half: so who can write
        // to the database and has no instance key cannot bring in a key of their own.
        guard try record.isSealed(for: tenant, with: instanceKey),
            publicKey.thumbprint().isExactly(record.id)
        else { throw JOSEError.malformedKey }
    }

    func signers() throws -> Signers {
        try opened.withLock { opened in
            if let opened { return opened }
            let key = try record.unsealed(of: tenant, with: instanceKey)
            let signers = Signers(
                idTokens: Signer(key, type: .jwt), accessTokens: Signer(key, type: .accessToken))
            opened = signers
            return signers
        }
    }
}

/// The metadata documents of a tenant, one for each address that it is reached through.
private final class MetadataDocuments: Sendable {
    /// What a document is made of, besides the algorithms.
    struct Name: Hashable {
        let issuer: Issuer
        let registration: RegistrationSupport
        let detailsTypes: [String]
        let mutualTLS: MutualTLSSupport?
    }

    private let documents = Mutex<[Name: [UInt8]]>([:])

    func document(_ name: Name, _ algorithms: [Algorithm]) -> [UInt8] {
        documents.withLock { documents in
            if let document = documents[name] { return document }
            var metadata = ServerMetadata(
                issuer: name.issuer, idTokenAlgorithms: algorithms.map(\.name),
                clientAssertionAlgorithms: PresentedAssertion.algorithms.map(\.name),
                dpopAlgorithms: DPoPProof.algorithms.map(\.name),
                registration: name.registration, mutualTLS: name.mutualTLS)
            metadata.authorizationDetailsTypes = name.detailsTypes
            let document = metadata.serialized()
            documents[name] = document
            return document
        }
    }
}

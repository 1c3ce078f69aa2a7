import GatehouseEncoding
import GatehouseJOSE

/// The provider as we know it: its metadata and its keys, asked for when needed and kept a while.
actor Provider {
    private let issuer: String
    private let outbound: Outbound
    private var metadata: (value: ProviderMetadata, since: Int64)?
    private var keys: (value: JSONWebKeySet, since: Int64)?

    /// How long metadata and keys are kept, in seconds.
    private static let lifetime: Int64 = 600
    /// How many seconds old keys have to be before a token with an unknown one makes us ask again.
    ///
    /// Anybody can send such tokens.
    private static let refetchInterval: Int64 = 10

    init(issuer: String, outbound: Outbound) {
        self.issuer = issuer
        self.outbound = outbound
    }

    /// The provider's metadata.
    func metadata(at now: Int64) async throws(ProblemView.Problem) -> ProviderMetadata {
        if let metadata, now < metadata.since + Self.lifetime { return metadata.value }
        let body = try await document(ProviderMetadata.address(of: issuer))
        let value = try ProviderMetadata(parsing: body, issuer: issuer)
        metadata = (value, since: now)
        return value
    }

    /// The claims of a token, if the provider signed it as one of a type.
    ///
    /// The keys decide the algorithm. A token with a new key makes us look for it once.
    func claims(
        of token: UnverifiedJWS, type: TokenType, at now: Int64
    ) async throws -> JWTClaims {
        let keys = try await keys(noOlderThan: Self.lifetime, at: now)
        do {
            return try Self.claims(of: token, type: type, signedBy: keys)
        } catch JOSEError.unknownKey {
            let keys = try await self.keys(noOlderThan: Self.refetchInterval, at: now)
            return try Self.claims(of: token, type: type, signedBy: keys)
        }
    }

    private static func claims(
        of token: UnverifiedJWS, type: TokenType, signedBy keys: JSONWebKeySet
    ) throws(JOSEError) -> JWTClaims {
        let payload = try token.verified(
            by: keys, algorithms: Algorithm.allCases, types: [type])
        return try JWTClaims(parsing: payload)
    }

    private func keys(noOlderThan age: Int64, at now: Int64) async throws -> JSONWebKeySet {
        if let keys, now < keys.since + age { return keys.value }
        let address = try await metadata(at: now).keySet
        let value = try JSONWebKeySet(
            parsing: try await document(address), privateKeys: .skipped)
        keys = (value, since: now)
        return value
    }

    private func document(_ address: String) async throws(ProblemView.Problem) -> [UInt8] {
        let answer = try await outbound.get(address)
        guard answer.status == 200 else { throw .unreachable }
        return answer.body
    }
}

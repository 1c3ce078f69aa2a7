package import GatehouseProtocol
import GatehouseSQL

/// Takes the request of a device, and gives it the code that it polls with and the one that a
/// person types (RFC 8628 §3.1).
package struct BeginDeviceAuthorization: Sendable {
    let registry: Registry
    let instanceKey: InstanceKey

    package init(registry: Registry, instanceKey: InstanceKey) {
        self.registry = registry
        self.instanceKey = instanceKey
    }

    private var database: any Database { registry.database }

    private enum Outcome: Sendable {
        case begun(UserCode)
        case limited(LimitExceeded)
        /// Each of the codes that were drawn is in use.
        case noCode
    }

    /// How many user codes are drawn, in case others have the first.
    private static let draws = 5

    /// The codes for the device.
    ///
    /// - Throws: ``OAuthError``, or ``LimitExceeded`` if a public client's name was used for it too
    ///   often from one network.
    package func begin(
        _ request: DeviceAuthorizationRequest, by client: Client, of tenant: Tenant,
        through issuer: Issuer, on occasion: Occasion
    ) async throws -> DeviceAuthorizationResponse {
        try client.requireGrantType(.deviceCode)
        guard request.scope.isSubset(of: client.scope) else {
            throw OAuthError(.invalidScope, "The scope exceeds what the client may ask for.")
        }
        try await registry.resources(of: tenant.id, at: occasion.now)
            .checkDefault(request.resources, of: client)
        let attempt = try await attempt(by: client, of: tenant.id, on: occasion)
        let authorization = DeviceAuthorization(
            request, by: client.id, through: issuer, on: occasion)
        let code = Secret(for: .deviceCode)
        let beginning = Beginning(
            authorization: authorization, code: code, candidates: userCodes(in: tenant.id),
            attempt: attempt, occasion: occasion)
        let outcome = try await database.writeUnlessGone { transaction in
            try beginning.commit(in: transaction.records(of: tenant.id))
        }
        switch outcome {
        case .begun(let userCode):
            return DeviceAuthorizationResponse(
                deviceCode: code.revealed, userCode: userCode, issuer: issuer,
                expiresIn: DeviceAuthorization.lifetime.seconds,
                interval: DeviceAuthorization.interval.seconds)
        case .limited(let exceeded): throw exceeded
        case .noCode:
            throw OAuthError(.temporarilyUnavailable, "There is no code to give; try again.")
        case nil: throw OAuthError(.invalidClient, "Client authentication failed.")
        }
    }

    /// Codes that nobody can foretell, with what they are stored by.
    private func userCodes(in tenant: Tenant.ID) -> [Beginning.Candidate] {
        (0..<Self.draws).compactMap { _ in UserCode.draw() }.map {
            Beginning.Candidate(code: $0, digest: instanceKey.digest(of: $0, in: tenant))
        }
    }

    /// What counts: anyone can send requests in the name of a public client.
    private func attempt(
        by client: Client, of tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> Attempt? {
        guard !client.isConfidential else { return nil }
        let keys = AttemptKeys(instanceKey: instanceKey, tenant: tenant)
        let network = Network(of: occasion.address).text
        let attempt = Attempt(
            [keys.counter(.deviceAuthorizationNetwork, client.id.text, network)],
            by: .client(client.id), of: client.id.text)
        // Read first: a flood must not wait among those who write.
        let refusal = try await database.read {
            try attempt.refusal(in: $0.records(of: tenant), at: occasion.now)
        }
        if let refusal { throw refusal }
        return attempt
    }

    /// The transaction's part of it.
    private struct Beginning: Sendable {
        struct Candidate: Sendable {
            let code: UserCode
            let digest: [UInt8]
        }

        let authorization: DeviceAuthorization
        let code: Secret
        let candidates: [Candidate]
        let attempt: Attempt?
        let occasion: Occasion

        func commit(in records: TenantRecords) throws -> Outcome {
            if case .exceeded(let exceeded) = try attempt?.count(in: records, on: occasion) {
                return .limited(exceeded)
            }
            let candidate = try candidates.first {
                try records.deviceAuthorizations.insert(authorization, userCode: $0.digest)
            }
            guard let candidate else { return .noCode }
            try records.oneTimeSecrets.insert(
                OneTimeSecret(
                    code, client: authorization.clientID, payload: authorization.payload,
                    lifetime: DeviceAuthorization.lifetime, at: occasion.now))
            try records.events.append(
                Event(
                    .deviceAuthorizationBegun, by: .client(authorization.clientID),
                    of: authorization.id.text),
                on: occasion)
            return .begun(candidate.code)
        }
    }
}

extension UserCode {
    /// Draws a code: letters that are all equally likely.
    static func draw() -> UserCode? {
        let size = alphabet.count
        // Bytes above the last whole multiple would make the first letters likelier.
        let fair = 256 / size * size
        var numbers: [Int] = []
        while numbers.count < length {
            let drawn = Random.bytes(length).map(Int.init).filter { $0 < fair }
            numbers += drawn.prefix(length - numbers.count).map { $0 % size }
        }
        return UserCode(drawn: numbers)
    }
}

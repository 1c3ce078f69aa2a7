import GatehouseSQL

/// Limits how often a client's request may fail for want of a secret that nobody can guess.
///
/// A request that is right is never refused, and costs nothing here. Strangers know the ids of
/// clients, and can have an app send codes that they made up; so being wrong is what is limited,
/// and none can make an app wrong that is right.
package struct FailureLimits: Sendable {
    let database: any Database
    let instanceKey: InstanceKey

    /// What failed.
    package enum Failure: Sendable {
        /// The authentication of whoever claims to be this client.
        case authentication(of: String)
        /// A code or refresh token that nobody issued.
        case grant(by: Client)
        /// An access token that nobody issued.
        case accessToken
    }

    /// Counts a failure.
    ///
    /// - Throws: ``LimitExceeded`` if it is one too many.
    package func count(
        _ failure: Failure, of tenant: Tenant.ID, on occasion: Occasion
    ) async throws {
        let attempt = attempt(failure, of: tenant, on: occasion)
        let outcome: Attempt.Outcome
        do {
            // Read first: a flood of failures must not wait among those who write.
            let refusal = try await database.read {
                try attempt.refusal(in: $0.records(of: tenant), at: occasion.now)
            }
            if let refusal { throw refusal }
            outcome = try await database.write {
                try attempt.count(in: $0.records(of: tenant), on: occasion)
            }
        } catch let error as DatabaseError where error.isTemporary {
            // The failure is answered as what it is. Where nothing can be counted it is not limited,
            // which lets nobody guess 256 bits.
            return
        }
        if case .exceeded(let exceeded) = outcome { throw exceeded }
    }

    private func attempt(
        _ failure: Failure, of tenant: Tenant.ID, on occasion: Occasion
    ) -> Attempt {
        let keys = AttemptKeys(instanceKey: instanceKey, tenant: tenant)
        let network = Network(of: occasion.address).text
        switch failure {
        case .authentication(of: let id):
            let everyone = keys.counter(.authenticationNetwork, network)
            guard let id = Client.ID(parsing: id) else {
                return Attempt([everyone], by: .anonymous)
            }
            return Attempt(
                [everyone, keys.counter(.authenticationClient, id.text, network)],
                by: .anonymous, of: id.text)
        case .grant(by: let client):
            let counter =
                client.isConfidential
                ? keys.counter(.grantClient, client.id.text)
                : keys.counter(.grantNetwork, client.id.text, network)
            return Attempt([counter], by: .client(client.id), of: client.id.text)
        case .accessToken:
            return Attempt([keys.counter(.accessTokenNetwork, network)], by: .anonymous)
        }
    }
}

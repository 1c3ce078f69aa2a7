extension Registry {
    /// A client has names for people, and its tenant has no secret to make them with.
    struct MissingPairwiseSecret: Error {}

    /// The name by which a client knows a person (OpenID Connect Core §8).
    package func subject(
        of user: User.ID, for client: Client, in tenant: Tenant.ID, at now: Timestamp
    ) async throws -> String {
        guard let sector = client.policies.subjectType.sector else { return user.text }
        return try await subjects(of: tenant, at: now).subject(of: user, in: sector)
    }

    /// The person whom a client knows by a name; nil if it is none that the client could know.
    package func user(
        named subject: String, by client: Client, in tenant: Tenant.ID, at now: Timestamp
    ) async throws -> User.ID? {
        guard let sector = client.policies.subjectType.sector else {
            return User.ID(parsing: subject)
        }
        return try await subjects(of: tenant, at: now).user(named: subject, in: sector)
    }

    private func subjects(
        of tenant: Tenant.ID, at now: Timestamp
    ) async throws -> PairwiseSubjects {
        let known = try await lookingTwice(at: now) {
            try await pairwiseSubjects(of: tenant, at: now)
        }
        guard let known else { throw MissingPairwiseSecret() }
        return known
    }
}

private import Crypto
private import GatehouseEncoding

/// A change as a resource server is told of it: what stands in the tokens that are meant.
///
/// A token is meant if it has all that is named: one of the subjects, one of the grants, the client,
/// the organization, the audience, the id. People are named by digests of the names that they have in
/// tokens, so that nobody learns of a person whose token they have not seen.
package struct ToldChange: Sendable {
    package let position: ChangePosition
    package let kind: AccessChange.Kind
    /// Tokens whose `iat` is not later are meant, in seconds since 1970.
    package let issuedUntil: Int64
    /// The SHA-256 digests of `sub`, in base64url; nil if it does not matter whom tokens are about.
    package let subjects: [String]?
    /// The organization that tokens tell of; `*` for any.
    package let organization: String?
    package let clientID: Client.ID?
    package let grants: [String]
    package let tokenID: String?
    package let audience: String?
    /// When it was read.
    package let toldAt: Timestamp

    /// How much later than it began a change may be in force: as long as a transaction lasts.
    ///
    /// A token that was made meanwhile may still say what was true before.
    private static let longestTransaction = Lifetime.seconds(10)
    /// How much later than the moment that is known a change may have been read.
    private static let readingTime = Lifetime.seconds(1)

    init(_ change: RecordedChange, subjects names: [String]?, at now: Timestamp) {
        position = change.position
        kind = change.kind
        let end = change.occurredAt + Self.longestTransaction
        issuedUntil = max(change.occurredAt, min(now + Self.readingTime, end)).seconds
        subjects = names.map { names in
            // In an order that does not say which name is of which client.
            names.map { Base64URL.encode(Array(SHA256.hash(data: Array($0.utf8)))) }.sorted()
        }
        organization = change.organization
        clientID = change.clientID
        grants = change.grants
        tokenID = change.tokenID
        audience = change.audience
        toldAt = now
    }
}

extension Registry {
    /// The changes as they are told, with the names by which clients know the people.
    func told(
        _ changes: [RecordedChange], of tenant: Tenant.ID, at now: Timestamp
    ) async throws -> [ToldChange] {
        var told: [ToldChange] = []
        for change in changes {
            let names: [String]? =
                if let user = change.userID {
                    try await self.names(
                        of: user, amongClients: change.knownTo, in: tenant, at: now)
                } else {
                    nil
                }
            told.append(ToldChange(change, subjects: names, at: now))
        }
        return told
    }

    /// The names that a person has in tokens.
    private func names(
        of user: User.ID, amongClients clients: [Client.ID], in tenant: Tenant.ID,
        at now: Timestamp
    ) async throws -> [String] {
        var names: Set<String> = [user.text]
        for id in clients {
            // The tokens of a client that is gone are meant by the change that tells of that.
            guard let client = try await client(id, of: tenant, at: now)?.client,
                client.policies.subjectType.sector != nil
            else { continue }
            names.insert(try await subject(of: user, for: client, in: tenant, at: now))
        }
        return Array(names)
    }
}

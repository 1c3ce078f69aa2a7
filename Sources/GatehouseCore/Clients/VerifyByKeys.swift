import GatehouseJOSE

extension PublishedKeys {
    /// Has a signature checked by the keys of whoever made it, wherever they are: by newer ones, if
    /// none of those that are known can have signed.
    func verify<Value: Sendable>(
        with keys: ClientKeys, of party: Party, in tenant: Tenant.ID, on occasion: Occasion,
        _ check: @Sendable (JSONWebKeySet) throws(JOSEError) -> Value
    ) async throws(JOSEError) -> Value {
        let owner: Owner
        switch keys {
        case .registered(let keys): return try check(keys)
        case .published(let address):
            owner = Owner(tenant: tenant, party: party, address: address)
        }
        guard let keys = await self.keys(of: owner, on: occasion) else { throw .unknownKey }
        do throws(JOSEError) {
            return try check(keys)
        } catch .unknownKey {
            guard let newer = await newerKeys(of: owner, on: occasion) else { throw .unknownKey }
            return try check(newer)
        }
    }
}

package import GatehouseSQL

/// What is done to exchange policies: made and deleted; one is replaced, never changed.
package struct AdministerExchangePolicies: Sendable {
    let database: any Database

    package init(database: any Database) {
        self.database = database
    }

    /// The policies of a client, oldest first.
    package func list(of client: Client.ID, in tenant: Tenant.ID) async throws -> [ExchangePolicy] {
        try await database.read { try $0.records(of: tenant).exchangePolicies.all(of: client) }
    }

    /// Adds a policy; false if its client is gone.
    package func create(
        _ policy: ExchangePolicy, in tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> Bool {
        let created: Void? = try await database.writeUnlessGone { transaction in
            let records = transaction.records(of: tenant)
            try records.exchangePolicies.insert(policy)
            try records.events.append(
                Event(
                    .exchangePolicyCreated, by: occasion.operator, of: policy.id.text,
                    detail: [
                        ("client", policy.clientID.text), ("mode", policy.rule.mode.rawValue),
                    ]),
                on: occasion)
        }
        return created != nil
    }

    /// Deletes a policy of a client; false if it has none of that id.
    package func delete(
        _ id: ExchangePolicy.ID, of client: Client.ID, in tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> Bool {
        try await database.write { transaction in
            let records = transaction.records(of: tenant)
            guard try records.exchangePolicies.delete(id, of: client) else { return false }
            try records.events.append(
                Event(
                    .exchangePolicyDeleted, by: occasion.operator, of: id.text,
                    detail: [("client", client.text)]),
                on: occasion)
            return true
        }
    }
}

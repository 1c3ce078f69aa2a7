private import GatehouseEncoding
private import GatehouseProtocol
import GatehouseSQL

/// The exchange policies of one tenant.
package struct ExchangePolicyRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    /// The policies of a client, oldest first.
    package func all(of client: Client.ID) throws -> [ExchangePolicy] {
        try transaction.rows(
            """
            SELECT id, client_id, rule, created_at FROM exchange_policy
            WHERE tenant_id = \(tenantID) AND client_id = \(client) ORDER BY id
            """
        ).map { row in
            ExchangePolicy(
                id: ExchangePolicy.ID(stored: try row.text("id")),
                clientID: Client.ID(stored: try row.text("client_id")),
                rule: try ExchangeRule(stored: try row.text("rule")),
                createdAt: Timestamp(milliseconds: try row.integer("created_at")))
        }
    }

    package func insert(_ policy: ExchangePolicy) throws {
        try transaction.send(
            """
            INSERT INTO exchange_policy (tenant_id, id, client_id, rule, created_at)
            VALUES (\(tenantID), \(policy.id), \(policy.clientID), \(policy.rule.stored),
                \(policy.createdAt))
            """)
    }

    /// Deletes a policy of a client; false if it has none of that id.
    package func delete(_ id: ExchangePolicy.ID, of client: Client.ID) throws -> Bool {
        try transaction.execute(
            """
            DELETE FROM exchange_policy
            WHERE tenant_id = \(tenantID) AND id = \(id) AND client_id = \(client)
            """) == 1
    }
}

extension ExchangeRule {
    fileprivate var stored: String {
        let json = JSONWriter.object { json in
            json.add("mode", mode.rawValue)
            json.add("resources", resources.map(\.text))
            json.add("issued_to", issuedTo.map(\.text).sorted())
            json.add("audiences", audiences.sorted())
            json.add("additional_scope", additionalScope.text)
            json.add("id_tokens", acceptsIDTokens)
            if let successor { json.add("may_act", successor.text) }
            json.add("names_actor", namesActor)
        }
        return String(decoding: json, as: UTF8.self)
    }

    fileprivate init(stored text: String) throws {
        let json = try JSONObject(parsing: Array(text.utf8))
        guard let mode = json["mode"]?.string.flatMap(Mode.init),
            let resources = json["resources"]?.strings?.compactMap(ResourceIndicator.init),
            let issuedTo = json["issued_to"]?.strings, let audiences = json["audiences"]?.strings,
            let scope = json["additional_scope"]?.string,
            let acceptsIDTokens = json["id_tokens"]?.bool,
            let namesActor = json["names_actor"]?.bool
        else { throw DatabaseError.unexpectedColumn("exchange_policy.rule") }
        self.init(mode, for: resources)
        self.issuedTo = Set(issuedTo.map(Client.ID.init(stored:)))
        self.audiences = Set(audiences)
        additionalScope = try Scope(parsing: scope)
        self.acceptsIDTokens = acceptsIDTokens
        successor = json["may_act"]?.string.map(Client.ID.init(stored:))
        self.namesActor = namesActor
    }
}

extension TenantRecords {
    package var exchangePolicies: ExchangePolicyRecords {
        ExchangePolicyRecords(tenantID: tenantID, transaction: transaction)
    }
}

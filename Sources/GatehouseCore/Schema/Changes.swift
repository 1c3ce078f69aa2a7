import GatehouseSQL

extension Schema {
    /// What resource servers are told of, and the order in which it is in force; see ``ChangeFeed``.
    static let changes: [SQL] = [
        """
        CREATE TABLE access_change (
            tenant_id \(type: .id) NOT NULL,
            transaction_number \(type: .integer) NOT NULL,
            id \(type: .id) NOT NULL,
            kind \(type: .text) NOT NULL,
            user_id \(type: .id),
            known_to \(type: .text) NOT NULL,
            organization_id \(type: .text),
            client_id \(type: .id),
            grants \(type: .text) NOT NULL,
            token_id \(type: .text),
            audience \(type: .text),
            occurred_at \(type: .timestamp) NOT NULL,
            PRIMARY KEY (tenant_id, transaction_number, id),
            FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id)
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX access_change_by_number ON access_change (transaction_number)
        """,
        """
        CREATE INDEX access_change_by_time ON access_change (occurred_at)
        """,
    ]
}

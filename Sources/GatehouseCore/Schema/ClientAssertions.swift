import GatehouseSQL

extension Schema {
    /// How each client authenticates, and the assertions by which clients did.
    static let clientAssertions: [SQL] = [
        """
        ALTER TABLE client ADD COLUMN authentication \(type: .text)
        """,
        """
        CREATE TABLE client_assertion (
            tenant_id \(type: .id) NOT NULL,
            client_id \(type: .id) NOT NULL,
            digest \(type: .bytes) NOT NULL,
            expires_at \(type: .timestamp) NOT NULL,
            reused_at \(type: .timestamp),
            PRIMARY KEY (tenant_id, client_id, digest)
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX client_assertion_by_expiry ON client_assertion (expires_at)
        """,
    ]
}

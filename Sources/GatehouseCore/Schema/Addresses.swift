import GatehouseSQL

extension Schema {
    /// The hosts that tenants answer at, and the origins that may call them from browsers.
    static let addresses: [SQL] = [
        """
        ALTER TABLE tenant ADD COLUMN primary_host \(type: .text)
        """,
        """
        ALTER TABLE tenant ADD COLUMN allowed_origins \(type: .text)
        """,
        """
        CREATE TABLE tenant_domain (
            tenant_id \(type: .id) NOT NULL,
            host \(type: .text) NOT NULL,
            proof \(type: .text) NOT NULL,
            created_at \(type: .timestamp) NOT NULL,
            verified_at \(type: .timestamp),
            checked_at \(type: .timestamp),
            missing_since \(type: .timestamp),
            PRIMARY KEY (tenant_id, host),
            FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id)
        )\(type: .endOfTable)
        """,
        // Anybody may claim a name; one tenant at a time has it.
        """
        CREATE UNIQUE INDEX tenant_domain_in_use ON tenant_domain (host)
        WHERE verified_at IS NOT NULL
        """,
    ]
}

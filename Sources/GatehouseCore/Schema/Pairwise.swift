import GatehouseSQL

extension Schema {
    /// What a tenant keeps to itself for good, such as what the names of people are made with that
    /// only one sector knows.
    static let pairwise: [SQL] = [
        """
        CREATE TABLE tenant_secret (
            tenant_id \(type: .id) NOT NULL,
            purpose \(type: .text) NOT NULL,
            sealed_secret \(type: .bytes) NOT NULL,
            created_at \(type: .timestamp) NOT NULL,
            PRIMARY KEY (tenant_id, purpose),
            FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id)
        )\(type: .endOfTable)
        """
    ]
}

import GatehouseSQL

extension Schema {
    /// What the names of people are made with that only one sector knows.
    static let pairwise: [SQL] = [
        """
        CREATE TABLE pairwise_secret (
            tenant_id \(type: .id) NOT NULL PRIMARY KEY,
            sealed_secret \(type: .bytes) NOT NULL,
            created_at \(type: .timestamp) NOT NULL,
            FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id)
        )\(type: .endOfTable)
        """
    ]
}

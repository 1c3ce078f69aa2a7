import GatehouseSQL

extension Schema {
    /// The logos of clients; which of them is shown where is the client's to say.
    static let logos: [SQL] = [
        """
        ALTER TABLE client ADD COLUMN logos \(type: .text)
        """,
        """
        CREATE TABLE logo (
            tenant_id \(type: .id) NOT NULL,
            id \(type: .id) NOT NULL,
            client_id \(type: .id) NOT NULL,
            format \(type: .text) NOT NULL,
            width \(type: .integer) NOT NULL,
            height \(type: .integer) NOT NULL,
            content \(type: .bytes) NOT NULL,
            created_at \(type: .timestamp) NOT NULL,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, client_id) REFERENCES client (tenant_id, id) ON DELETE CASCADE
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX logo_by_client ON logo (tenant_id, client_id)
        """,
    ]
}

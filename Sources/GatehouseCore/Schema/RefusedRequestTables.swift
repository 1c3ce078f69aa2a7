import GatehouseSQL

extension Schema {
    /// Authorization requests that were refused, for a day.
    static let refusedRequests: [SQL] = [
        """
        CREATE TABLE refused_request (
            tenant_id \(type: .id) NOT NULL,
            id \(type: .text) NOT NULL,
            occurred_at \(type: .timestamp) NOT NULL,
            client_id \(type: .id),
            rule \(type: .text) NOT NULL,
            error \(type: .text),
            content \(type: .text) NOT NULL,
            expires_at \(type: .timestamp) NOT NULL,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id)
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX refused_request_by_time ON refused_request (tenant_id, occurred_at)
        """,
        """
        CREATE INDEX refused_request_by_expiry ON refused_request (expires_at)
        """,
    ]
}

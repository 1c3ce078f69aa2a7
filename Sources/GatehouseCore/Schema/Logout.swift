import GatehouseSQL

extension Schema {
    /// Which clients were given ID tokens in a session, and which of them have yet to be told that
    /// it is over.
    static let logout: [SQL] = [
        """
        CREATE TABLE session_client (
            tenant_id \(type: .id) NOT NULL,
            session_id \(type: .id) NOT NULL,
            client_id \(type: .id) NOT NULL,
            issuer \(type: .text) NOT NULL,
            created_at \(type: .timestamp) NOT NULL,
            PRIMARY KEY (tenant_id, session_id, client_id, issuer),
            FOREIGN KEY (tenant_id, session_id) REFERENCES browser_session (tenant_id, id)
                ON DELETE CASCADE,
            FOREIGN KEY (tenant_id, client_id) REFERENCES client (tenant_id, id) ON DELETE CASCADE
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX session_client_by_client ON session_client (tenant_id, client_id)
        """,
        """
        CREATE TABLE logout_delivery (
            tenant_id \(type: .id) NOT NULL,
            session_id \(type: .id) NOT NULL,
            client_id \(type: .id) NOT NULL,
            issuer \(type: .text) NOT NULL,
            user_id \(type: .id) NOT NULL,
            request_id \(type: .text) NOT NULL,
            created_at \(type: .timestamp) NOT NULL,
            due_at \(type: .timestamp) NOT NULL,
            attempts \(type: .integer) NOT NULL,
            PRIMARY KEY (tenant_id, session_id, client_id, issuer),
            FOREIGN KEY (tenant_id, client_id) REFERENCES client (tenant_id, id) ON DELETE CASCADE
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX logout_delivery_by_client ON logout_delivery (tenant_id, client_id)
        """,
        """
        CREATE INDEX logout_delivery_by_due ON logout_delivery (due_at)
        """,
    ]
}

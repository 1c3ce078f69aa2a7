import GatehouseSQL

extension Schema {
    /// What configurations manage, and how much of it is used.
    ///
    /// Neither refers to what it is about: what is counted a moment after a client was deleted must not
    /// keep other counts from being written, and a mark of something that is gone says nothing.
    static let configuration: [SQL] = [
        """
        CREATE TABLE configuration_mark (
            tenant_id \(type: .id) NOT NULL,
            kind \(type: .text) NOT NULL,
            object_id \(type: .id) NOT NULL,
            manager \(type: .text) NOT NULL,
            name \(type: .text) NOT NULL,
            marked_at \(type: .timestamp) NOT NULL,
            PRIMARY KEY (tenant_id, kind, object_id)
        )\(type: .endOfTable)
        """,
        """
        CREATE UNIQUE INDEX configuration_mark_by_name
            ON configuration_mark (tenant_id, manager, kind, name)
        """,
        """
        CREATE TABLE client_use (
            tenant_id \(type: .id) NOT NULL,
            client_id \(type: .id) NOT NULL,
            day \(type: .integer) NOT NULL,
            kind \(type: .text) NOT NULL,
            target \(type: .text) NOT NULL,
            uses \(type: .integer) NOT NULL,
            PRIMARY KEY (tenant_id, client_id, day, kind, target)
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX client_use_by_day ON client_use (day)
        """,
    ]
}

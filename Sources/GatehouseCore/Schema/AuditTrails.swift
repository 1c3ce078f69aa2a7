import GatehouseSQL

extension Schema {
    /// The chains of events, and what was signed of them; see ``SealEvents``.
    ///
    /// The index of sealed events is not touched where events are appended; the one of those that are
    /// not sealed yet is as small as they are few.
    static let auditTrails: [SQL] = [
        """
        ALTER TABLE event ADD COLUMN sequence \(type: .integer)
        """,
        """
        ALTER TABLE event ADD COLUMN hash \(type: .bytes)
        """,
        """
        CREATE INDEX event_unsealed ON event (id) WHERE sequence IS NULL
        """,
        """
        CREATE UNIQUE INDEX event_by_sequence
            ON event (tenant_id, sequence) WHERE sequence IS NOT NULL
        """,
        """
        CREATE TABLE event_checkpoint (
            tenant_id \(type: .id) NOT NULL,
            number \(type: .integer) NOT NULL,
            token \(type: .text) NOT NULL,
            signed_at \(type: .timestamp) NOT NULL,
            PRIMARY KEY (tenant_id, number)
        )\(type: .endOfTable)
        """,
    ]
}

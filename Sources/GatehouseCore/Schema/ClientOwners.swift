import GatehouseSQL

extension Schema {
    /// Whose client a client is, where a statement can ask for it: nothing is done for the client of an
    /// organization in which nobody acts.
    static let clientOwners: [SQL] = [
        """
        ALTER TABLE client ADD COLUMN organization_id \(type: .id)
        """,
        """
        UPDATE client SET organization_id = COALESCE((
            SELECT MAX(o.id) FROM organization AS o
            WHERE o.tenant_id = client.tenant_id
                AND client.policies LIKE '%"organization":"' || o.id || '"%'), 'removed')
        WHERE policies LIKE '%"organization":"%'
        """,
        """
        CREATE INDEX client_by_organization
            ON client (tenant_id, organization_id) WHERE organization_id IS NOT NULL
        """,
    ]
}

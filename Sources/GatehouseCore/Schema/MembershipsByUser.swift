import GatehouseSQL

extension Schema {
    /// Where a person is, and what they have there, is found by the person alone and in the order of
    /// organizations: tokens ask for it all the time.
    ///
    /// SQLite would read the groups of everybody in the tenant otherwise.
    static let membershipsByUser: [SQL] = [
        """
        DROP INDEX membership_by_user
        """,
        """
        CREATE INDEX membership_by_user ON membership (tenant_id, user_id, organization_id)
        """,
        """
        CREATE INDEX membership_group_by_user
            ON membership_group (tenant_id, user_id, organization_id, group_id)
        """,
    ]
}

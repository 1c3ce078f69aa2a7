import GatehouseSQL

extension Schema {
    /// The types of authorization details that resources understand, and what was granted of them.
    static let authorizationDetails: [SQL] = [
        """
        ALTER TABLE resource ADD COLUMN authorization_details_types \(type: .text)
        """,
        """
        ALTER TABLE authorization_grant ADD COLUMN authorization_details \(type: .text)
        """,
    ]
}

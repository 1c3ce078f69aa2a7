import GatehouseSQL

extension Schema {
    /// What clients ask for by name, kept with the grant.
    static let requests: [SQL] = [
        """
        ALTER TABLE authorization_grant ADD COLUMN claims \(type: .text)
        """
    ]
}

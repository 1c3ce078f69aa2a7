import GatehouseCore

extension Operation {
    /// What people see, if it is said.
    func displayName() throws(OperationError) -> DisplayName? {
        try value(
            "name", "The name must be one line of 1 to 100 visible characters.",
            DisplayName.init(parsing:))
    }

    /// How much somebody may do who administers, if it is said.
    func administratorRole() throws(OperationError) -> AdministratorRole? {
        try value(
            "role", "--role must be viewer, support, admin or owner.",
            AdministratorRole.init(rawValue:))
    }
}

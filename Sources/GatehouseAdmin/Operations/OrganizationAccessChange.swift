import GatehouseCore
import GatehouseEncoding

/// What a command changes of what a client is told of organizations.
struct OrganizationAccessChange: Sendable {
    private let visible: OrganizationAccess.Visible?
    private let needsSelection: Bool?
    private let owner: Owner?

    /// An organization, or none.
    private enum Owner: Sendable {
        case none
        case organization(Organization.ID)

        init?(_ text: String) {
            if text == "none" {
                self = .none
                return
            }
            guard let id = Organization.ID(parsing: text) else { return nil }
            self = .organization(id)
        }

        var id: Organization.ID? {
            if case .organization(let id) = self { id } else { nil }
        }
    }

    init(_ operation: Operation) throws(OperationError) {
        visible = try Self.visible(operation.arguments["organizations"]?.strings)
        needsSelection = operation.arguments["select_organization"]?.bool
        owner = try operation.value(
            "organization", "--organization must be the id of an organization, or none.",
            Owner.init)
    }

    private static func visible(
        _ texts: [String]?
    ) throws(OperationError) -> OrganizationAccess.Visible? {
        guard let texts else { return nil }
        switch texts {
        case ["none"]: return OrganizationAccess.Visible.none
        case ["all"]: return .all
        default:
            let ids = texts.compactMap(Organization.ID.init(parsing:))
            guard ids.count == texts.count else {
                throw OperationError(
                    .wrongUse, "--organizations must be none, all, or the ids of organizations.")
            }
            return .only(Set(ids))
        }
    }

    /// Makes the change, or says why it cannot be made.
    func apply(to client: inout Client) throws(OperationError) {
        if let visible { client.policies.organizations.visible = visible }
        if let needsSelection { client.policies.organizations.needsSelection = needsSelection }
        if let owner { client.policies.organizations.owner = owner.id }
        let organizations = client.policies.organizations
        guard organizations.owner == nil || client.kind == .machine || client.isOfThirdParty else {
            throw OperationError(
                .wrongUse,
                "Only a machine client, or one of a third party, belongs to an organization.")
        }
        guard !organizations.needsSelection || organizations.visible != .none else {
            throw OperationError(
                .wrongUse, "A client that has people select needs --organizations too.")
        }
    }
}

extension Operation {
    /// True if the command says which organizations a client has to do with.
    var namesOrganizations: Bool {
        arguments["organizations"] != nil || arguments["organization"] != nil
    }

    /// True if the command changes how much tokens tell of organizations.
    var changesOrganizations: Bool {
        arguments["organizations"] != nil || arguments["select_organization"] != nil
    }
}

extension OrganizationAccess {
    /// The organizations that are named in it.
    var named: [Organization.ID] {
        let visible: [Organization.ID] =
            if case .only(let ids) = visible { Array(ids) } else { [] }
        return visible + (owner.map { [$0] } ?? [])
    }

    /// Shows the same, as commands print it.
    func add(to object: inout JSONObject) {
        switch visible {
        case .none: object.add("organizations", .string("none"))
        case .all: object.add("organizations", .string("all"))
        case .only(let ids):
            object.add("organizations", .array(ids.map(\.text).sorted().map { .string($0) }))
        }
        object.add("select_organization", .bool(needsSelection))
        if let owner { object.add("organization", .string(owner.text)) }
    }
}

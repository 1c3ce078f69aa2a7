import GatehouseCore
import GatehouseEncoding

/// A kind of thing that a document can describe, and the operations that make, change and delete it.
///
/// Which members it has is what these operations take: a document can say what the admin API can, and
/// there is no second list.
struct ConfigurationNoun: Sendable {
    let name: Name
    /// Where such things stand in a document, by their names.
    let section: String
    let word: String
    let create: Operation.Name?
    let update: Operation.Name
    let delete: Operation.Name?
    /// The argument that names a new thing; nil if it gets its name.
    let newArgument: String?
    /// The argument that names it afterwards.
    let argument: String?
    /// What marks call it; nil if it cannot be taken away, and so needs none.
    let mark: ConfigurationMark.Kind?
    /// Members in which other things of the document are named, and of what kind these are.
    private(set) var references: [String: Reference] = [:]
    /// Members of the operations that are no part of the configuration.
    private(set) var omitted: Set<String> = []

    /// Kinds of things, in the order in which they need each other.
    enum Name: Int, Sendable, CaseIterable {
        case tenant, branding, limit, registration, role, organization, organizationRole, group,
            client, resource, trustedIssuer
    }

    /// What is named by its name in the document and by its id in operations.
    enum Reference: Sendable {
        case client
        case organization
    }

    /// What can be said of it, in the order of the contract.
    var members: [Member] {
        let made = create.map(Self.members) ?? []
        let changed = Self.members(of: update)
        let known = Set(made.map(\.name))
        return (made + changed.filter { !known.contains($0.name) })
            .filter { !omitted.contains($0.name) }
    }

    /// True if a tenant has just one, which has no name.
    var isAlone: Bool { newArgument == nil && argument == nil }

    /// What may be said when it is made.
    var newMembers: Set<String> { Set((create.map(Self.members) ?? []).map(\.name)) }

    /// What has to be said when it is made.
    var requiredMembers: [Member] {
        (create.map(Self.members) ?? []).filter { $0.isRequired && !omitted.contains($0.name) }
    }

    private static func members(of operation: Operation.Name) -> [Member] {
        AdminEndpoint.byOperation[operation]?.members ?? []
    }
}

extension ConfigurationNoun {
    static let tenant = Self(
        name: .tenant, section: "tenants", word: "tenant", create: .createTenant,
        update: .updateTenant, delete: nil, newArgument: "tenant", argument: nil, mark: nil,
        omitted: ["slug", "primary_address"])
    static let branding = Self(
        name: .branding, section: "branding", word: "branding", create: nil,
        update: .updateBranding, delete: nil, newArgument: nil, argument: nil, mark: nil)
    static let limit = Self(
        name: .limit, section: "limits", word: "limit", create: nil, update: .changeLimit,
        delete: nil, newArgument: nil, argument: "limit", mark: nil, omitted: ["reset"])
    static let registration = Self(
        name: .registration, section: "client_registration", word: "client registration",
        create: nil, update: .updateRegistration, delete: nil, newArgument: nil, argument: nil,
        mark: nil, omitted: ["preset"])
    static let role = Self(
        name: .role, section: "roles", word: "role", create: .createRole, update: .updateRole,
        delete: .deleteRole, newArgument: "role", argument: "role", mark: .role,
        omitted: ["name", "organization"])
    static let organization = Self(
        name: .organization, section: "organizations", word: "organization",
        create: .createOrganization, update: .updateOrganization, delete: .deleteOrganization,
        newArgument: "slug", argument: "organization", mark: .organization,
        omitted: ["slug", "owner"])
    static let organizationRole = Self(
        name: .organizationRole, section: "roles", word: "role", create: .createRole,
        update: .updateRole, delete: .deleteRole, newArgument: "role", argument: "role",
        mark: .role, omitted: ["name", "organization"])
    static let group = Self(
        name: .group, section: "groups", word: "group", create: .createGroup,
        update: .updateGroup, delete: .deleteGroup, newArgument: "group", argument: "group",
        mark: .group, omitted: ["name"])
    static let client = Self(
        name: .client, section: "clients", word: "client", create: .createClient,
        update: .updateClient, delete: .deleteClient, newArgument: nil, argument: "client",
        mark: .client, references: ["organizations": .organization, "organization": .organization],
        omitted: ["managed_by", "managed_as"])
    static let resource = Self(
        name: .resource, section: "resources", word: "resource", create: .createResource,
        update: .updateResource, delete: .deleteResource, newArgument: "identifier",
        argument: "resource", mark: .resource,
        references: ["clients": .client, "servers": .client], omitted: ["identifier"])
    static let trustedIssuer = Self(
        name: .trustedIssuer, section: "trusted_issuers", word: "trusted issuer",
        create: .createTrustedIssuer, update: .updateTrustedIssuer,
        delete: .deleteTrustedIssuer, newArgument: "issuer", argument: "issuer",
        mark: .trustedIssuer, references: ["clients": .client], omitted: ["issuer"])

    static let all: [Self] = [
        tenant, branding, limit, registration, role, organization, organizationRole, group, client,
        resource, trustedIssuer,
    ]

    /// What a tenant has by names, besides what it says of itself.
    static let ofTenant = [
        branding, limit, registration, role, organization, client, resource, trustedIssuer,
    ]
    static let ofOrganization = [organizationRole, group]

    /// What a policy of an exchange can say.
    static let exchangeMembers = AdminEndpoint.byOperation[.createExchange]?.members ?? []
    static let exchangeReferences: [String: Reference] = ["from": .client, "may_act": .client]
}

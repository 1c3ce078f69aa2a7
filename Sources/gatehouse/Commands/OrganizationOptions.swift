import ArgumentParser
import GatehouseEncoding

/// The flags that say what a client is told of organizations, and which one it belongs to.
struct OrganizationOptions: ParsableArguments {
    @Option(
        name: .customLong("organizations"),
        help: """
            Which organizations of a person its tokens tell of: none, all, or the id of one. \
            Repeatable. Default: none.
            """)
    var organizations: [String] = []
    @Flag(
        inversion: .prefixedNo,
        help: "Whether people who are in several organizations select one to sign in with.")
    var selectOrganization: Bool?
    @Option(
        help: """
            The id of the organization that a client belongs to, or none: a machine client, or \
            one of a third party.
            """)
    var organization: String?

    var arguments: [(String, JSONValue?)] {
        [
            (
                "organizations",
                organizations.isEmpty ? nil : .array(organizations.map { .string($0) })
            ),
            ("select_organization", selectOrganization.map { .bool($0) }),
            ("organization", organization.map { .string($0) }),
        ]
    }
}

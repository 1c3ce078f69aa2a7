public import GatehouseClient
internal import GatehouseEncoding

/// Whom a ``FakeIssuer`` signs in: without a page, without a password.
public struct FakePerson: Sendable {
    /// The person, by an id that never changes.
    public var subject: String
    /// What they are called.
    public var name = "Kay"
    /// Where they are written to.
    public var email = "kay@example.com"
    /// Where they belong.
    public var organizations: [OrganizationMembership] = []
    /// The only organization that tokens are about; nil for none in particular.
    public var organizationID: String?

    /// Makes somebody.
    public init(subject: String = "usr_kay") {
        self.subject = subject
    }

    /// What is said of them everywhere.
    func write(to json: inout JSONMembers) {
        json.add("sub", subject)
        json.add("name", name)
        json.add("email", email)
        json.add("email_verified", true)
        if let organizationID { json.add("org_id", organizationID) }
        json.array("organizations") { list in
            for organization in organizations {
                list.object { json in
                    json.add("id", organization.id)
                    json.add("title", organization.title.map(JSONValue.string) ?? .null)
                    json.add("scopes", organization.scopes)
                    json.add("joined_at", organization.joinedAt ?? 0)
                }
            }
        }
    }
}

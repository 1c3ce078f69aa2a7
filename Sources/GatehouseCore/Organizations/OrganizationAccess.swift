import GatehouseEncoding

/// Which organizations of a person a client is told of, and which one it belongs to itself.
package struct OrganizationAccess: Sendable, Hashable {
    /// Whose memberships its tokens may tell of.
    package var visible = Visible.none
    /// True if a person who is in several organizations has to select one for each sign-in.
    package var needsSelection = false
    /// The organization whose client it is.
    ///
    /// People are told so by the page that asks them, and tokens of a client that acts for itself say
    /// so.
    package var owner: Organization.ID?

    /// Nothing, as it is unless an operator decides otherwise: no client chooses it for itself.
    package static let none = OrganizationAccess()

    /// The organizations that a client is told of.
    package enum Visible: Sendable, Hashable {
        case none
        case all
        case only(Set<Organization.ID>)

        /// True if the client is told of this organization.
        package func contains(_ id: Organization.ID) -> Bool {
            switch self {
            case .none: false
            case .all: true
            case .only(let ids): ids.contains(id)
            }
        }

        /// True if it is told of none: then nobody asks which ones there are.
        var isEmpty: Bool {
            if case .none = self { true } else { false }
        }
    }

    init() {}

    /// True if the client is told of organizations: then it may ask for one.
    var isAsked: Bool { !visible.isEmpty }
}

extension OrganizationAccess {
    /// Writes what is set of it.
    func add(to json: inout JSONMembers) {
        switch visible {
        case .none: break
        case .all: json.add("organizations", "all")
        case .only(let ids): json.add("organizations", ids.map(\.text).sorted())
        }
        if needsSelection { json.add("organization_selection", true) }
        if let owner { json.add("organization", owner.text) }
    }

    /// Reads it again; clients of earlier versions have none.
    init(stored json: JSONObject) {
        if let ids = json["organizations"]?.strings {
            visible = .only(Set(ids.map(Organization.ID.init(stored:))))
        } else if json["organizations"]?.string == "all" {
            visible = .all
        }
        needsSelection = json["organization_selection"]?.bool ?? false
        owner = json["organization"]?.string.map(Organization.ID.init(stored:))
    }
}

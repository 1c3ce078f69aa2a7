import GatehouseCore
import HTTPTypes

/// One page of the portal: an endpoint of the admin API, as people see it.
///
/// Pages are made from the contract, so that the portal does nothing that programs cannot do, and
/// nothing that the contract does not allow somebody.
struct PortalScreen: Sendable {
    let endpoint: AdminEndpoint
    let kind: Kind
    /// Where it is, below `/admin`; names in braces as in the path of the endpoint.
    let path: String

    enum Kind: Sendable {
        /// Those of a kind, in a table.
        case list
        /// One of a kind, with what can be done to it.
        case item
        /// What is done once it is confirmed.
        case form
    }

    /// Operations that are no page of their own, and where the portal has them instead.
    static let elsewhere: [Operation.Name: String] = [
        .showAdministrator: "the foot of every page",
        .beginExport: "the export of the page of events",
        .pageOfExport: "the export of the page of events",
        .endExport: "the export of the page of events",
        .setMark: "nowhere: `gatehouse apply` writes it",
        .removeMark: "nowhere: `gatehouse apply` writes it",
    ]

    /// Operations upon what no list shows: their pages ask for its name.
    private static let unlisted: Set<Operation.Name> = [.removeFromGroup, .unlinkSubject]

    static let all: [PortalScreen] = AdminEndpoint.all.compactMap(PortalScreen.init)

    static let byOperation: [Operation.Name: PortalScreen] = Dictionary(
        uniqueKeysWithValues: all.map { ($0.endpoint.operation, $0) })

    /// The pages at which something is looked at, by their paths.
    static let looks: [String: PortalScreen] = Dictionary(
        uniqueKeysWithValues: all.filter { $0.kind != .form }.map { ($0.path, $0) })

    private init?(_ endpoint: AdminEndpoint) {
        guard Self.elsewhere[endpoint.operation] == nil else { return nil }
        self.endpoint = endpoint
        switch endpoint.method {
        case .get:
            if case .page = endpoint.answer { kind = .list } else { kind = .item }
            path = endpoint.path
        case .post:
            kind = .form
            if case .new = endpoint.answer {
                path = endpoint.path + "/new"
            } else {
                path = endpoint.path
            }
        case .put where endpoint.path.hasSuffix("}"):
            // It is named by whoever makes it.
            kind = .form
            path = Self.parent(of: endpoint.path) + "/new"
        case .delete:
            kind = .form
            path =
                Self.unlisted.contains(endpoint.operation)
                ? Self.parent(of: endpoint.path) + "/delete" : endpoint.path + "/delete"
        default:
            kind = .form
            path = endpoint.path + "/edit"
        }
    }

    /// The names in its path, in order.
    var placeholders: [String] { Self.placeholders(in: path) }

    /// Names in the endpoint's path that the page asks for, because its own path has them not.
    var asked: [String] { endpoint.placeholders.filter { !placeholders.contains($0) } }

    /// What the page is about: the path of a list or of one of a kind.
    var place: String {
        switch kind {
        case .list, .item: path
        case .form: Self.parent(of: path)
        }
    }

    /// True if it does nothing but to find something out.
    var showsResult: Bool { endpoint.operation == .previewClient }

    /// True if what would come of it is shown before it is done.
    var hasPreview: Bool { endpoint.operation == .updateBranding }

    /// True if it makes another one of a kind.
    var makesNew: Bool { path.hasSuffix("/new") }

    /// True if it takes something away.
    var takesAway: Bool { path.hasSuffix("/delete") }

    /// What has to be known of one of a list for it to have a page: the member that names it.
    var namingMember: String {
        if case .page(_, .after(let member)) = endpoint.answer { return member }
        switch endpoint.operation {
        case .listLimits: return "limit"
        case .listKeys: return "kid"
        case .listDomains, .listOrganizationDomains: return "host"
        case .listRefusedRequests: return "incident"
        case .listMembers: return "user"
        case .listRoles, .listGroups: return "name"
        default: return "id"
        }
    }

    /// What can be done at the place: the pages just below it.
    ///
    /// Those upon something of it that has no page of its own, such as its logos, are here too.
    var actions: [PortalScreen] {
        Self.all.filter { screen in
            guard screen.kind == .form, screen.placeholders.count == placeholders.count else {
                return false
            }
            return screen.place == path
                || kind == .item && Self.looks[screen.place] == nil
                    && Self.parent(of: screen.place) == path
        }
    }

    /// What can be done to each of those that a member of one of a kind lists.
    func actions(onEachOf member: String) -> [PortalScreen] {
        actions(onEachIn: "\(path)/\(member)")
    }

    /// What can be done to one of a list that has no page of its own.
    ///
    /// What is done to one whatever list it is found in has a path of the tenant's.
    var actionsOnEach: [PortalScreen] {
        guard kind == .list, each == nil else { return [] }
        let own = actions(onEachIn: path)
        guard own.isEmpty, let word = path.split(separator: "/").last else { return own }
        return actions(onEachIn: "tenants/{tenant}/\(word)")
    }

    private func actions(onEachIn list: String) -> [PortalScreen] {
        let count = Self.placeholders(in: list).count + 1
        return Self.all.filter { screen in
            screen.kind == .form && screen.path.hasPrefix(list + "/{")
                && screen.placeholders.count == count
        }
    }

    /// The page of one of a list.
    var each: PortalScreen? {
        Self.all.first { screen in
            screen.kind == .item && screen.path.hasSuffix("}")
                && Self.parent(of: screen.path) == path
        }
    }

    /// The lists, and lone things, that belong to one of a kind.
    var parts: [PortalScreen] {
        Self.all.filter { $0.kind != .form && Self.parent(of: $0.path) == path }
    }

    static func parent(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }

    static func placeholders(in path: String) -> [String] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }
            .map { String($0.dropFirst().dropLast()) }
    }
}

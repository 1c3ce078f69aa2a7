import GatehouseCore
import HTTPTypes

/// How the admin API offers an operation: method, path, what it takes and what it answers.
///
/// Routes, the check of what comes in, the OpenAPI document, the explorer and the command line at a
/// distance are all made from these, so none of them says something else than another.
struct AdminEndpoint: Sendable {
    let operation: Operation.Name
    let method: HTTPRequest.Method
    /// The path below `/api/v1`; a name in braces is an argument of the operation.
    let path: String
    /// What it does, as one sentence.
    let summary: String
    let power: AdministratorPower
    /// True if it concerns the whole installation, whatever tenant it names.
    private(set) var concernsInstallation = false
    /// What it takes: in the query if nothing is changed or something is deleted, in the body else.
    private(set) var members: [Member] = []
    let answer: Answer
    /// True if what it shows has a revision, which a change of it can name.
    private(set) var isRevised = false

    /// What it answers when it is done.
    enum Answer: Sendable {
        /// One thing, as it is now.
        case one(Shape)
        /// One thing that is new.
        case new(Shape)
        /// A page of a list.
        case page(Shape, Paging)
        /// The name of what is gone.
        case gone(String)

        var shape: Shape? {
            switch self {
            case .one(let shape), .new(let shape), .page(let shape, _): shape
            case .gone: nil
            }
        }
    }

    /// How a list is told in pages.
    enum Paging: Sendable, Hashable {
        /// The operation begins after something of which this member of the last one tells.
        case after(String)
        /// There are few: the operation lists all.
        case whole
    }

    /// The names in the path, in order.
    var placeholders: [String] {
        path.split(separator: "/").compactMap { part in
            part.hasPrefix("{") ? String(part.dropFirst().dropLast()) : nil
        }
    }

    /// True if it is about one tenant.
    var concernsTenant: Bool { placeholders.contains("tenant") }

    /// True if what it takes is in the body.
    var takesBody: Bool { [.post, .put, .patch].contains(method) && !members.isEmpty }

    /// All endpoints, by noun.
    static let all: [AdminEndpoint] =
        TenantEndpoints.all + BrandingEndpoints.all + UserEndpoints.all + ClientEndpoints.all
        + ResourceEndpoints.all
        + OrganizationEndpoints.all + MemberEndpoints.all + AccessEndpoints.all
        + AuditEndpoints.all + AdministratorEndpoints.all + IntegrationEndpoints.all
        + ConfigurationEndpoints.all + InstallationEndpoints.all

    /// The endpoint of each operation that has one.
    static let byOperation: [Operation.Name: AdminEndpoint] = Dictionary(
        uniqueKeysWithValues: all.map { ($0.operation, $0) })
}

extension AdminEndpoint {
    /// One of a kind is shown.
    static func show(
        _ operation: Operation.Name, _ path: String, _ summary: String, _ shape: Shape
    ) -> Self {
        Self(
            operation: operation, method: .get, path: path, summary: summary, power: .look,
            answer: .one(shape))
    }

    /// Those of a kind are listed.
    static func list(
        _ operation: Operation.Name, _ path: String, _ summary: String, _ shape: Shape,
        _ paging: Paging = .after("id"), by filters: [Member] = []
    ) -> Self {
        Self(
            operation: operation, method: .get, path: path, summary: summary, power: .look,
            members: filters, answer: .page(shape, paging))
    }

    /// One of a kind is made.
    static func create(
        _ operation: Operation.Name, _ path: String, _ summary: String, _ shape: Shape,
        _ members: [Member], _ power: AdministratorPower = .manage
    ) -> Self {
        Self(
            operation: operation, method: .post, path: path, summary: summary, power: power,
            members: members, answer: .new(shape))
    }

    /// One of a kind is changed.
    static func change(
        _ operation: Operation.Name, _ path: String, _ summary: String, _ shape: Shape,
        _ members: [Member], by method: HTTPRequest.Method = .patch,
        _ power: AdministratorPower = .manage
    ) -> Self {
        Self(
            operation: operation, method: method, path: path, summary: summary, power: power,
            members: members, answer: .one(shape))
    }

    /// Something is done to one of a kind.
    static func act(
        _ operation: Operation.Name, _ path: String, _ summary: String, _ shape: Shape,
        _ members: [Member] = [], _ power: AdministratorPower = .manage
    ) -> Self {
        change(operation, path, summary, shape, members, by: .post, power)
    }

    /// One of a kind is taken away.
    static func delete(
        _ operation: Operation.Name, _ path: String, _ summary: String,
        as word: String = "deleted", by filters: [Member] = [],
        _ power: AdministratorPower = .manage
    ) -> Self {
        Self(
            operation: operation, method: .delete, path: path, summary: summary, power: power,
            members: filters, answer: .gone(word))
    }

    /// The same with something that it takes.
    func taking(_ members: [Member]) -> Self {
        var endpoint = self
        endpoint.members = members
        return endpoint
    }

    /// The same for those who administer the whole installation only.
    var ofInstallation: Self {
        var endpoint = self
        endpoint.concernsInstallation = true
        return endpoint
    }

    /// The same, where what it shows has a revision.
    var revised: Self {
        var endpoint = self
        endpoint.isRevised = true
        return endpoint
    }
}

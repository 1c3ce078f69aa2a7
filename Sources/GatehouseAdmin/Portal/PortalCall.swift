import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// One request to the portal by somebody who administers.
struct PortalCall: Sendable {
    let portal: Portal
    let request: Request
    let context: EdgeContext
    let visit: PortalVisit
    let secret: Secret
    let place: PortalPlace
    let access: AdminAccess
    let occasion: Occasion

    var gatehouse: Gatehouse { portal.gatehouse }

    // MARK: What is asked

    /// What an operation finds or does here, for whoever may have it.
    func perform(
        _ operation: Operation.Name, _ arguments: [(String, JSONValue?)] = [],
        in place: PortalPlace? = nil, expecting revision: Revision? = nil
    ) async throws -> Outcome {
        guard let endpoint = AdminEndpoint.byOperation[operation] else {
            throw Problem(.notFound, Problem.Code.notFound.title)
        }
        let place = place ?? self.place
        let path = place.values.filter { endpoint.placeholders.contains($0.name) }
        try access.check(endpoint)
        let setting = Operation.Setting(
            gatehouse: gatehouse, addresses: portal.addresses, facts: portal.facts,
            occasion: occasion, administrator: visit.administrator,
            expected: revision.map { [$0] })
        let values = path.map { ($0.name, JSONValue.string($0.value)) } + arguments
        do {
            let result = try await Operation(operation, values).perform(in: setting)
            return Outcome(result: result, warnings: setting.warnings)
        } catch let error as OperationError {
            throw Problem(error, at: endpoint)
        } catch let error as ClientRefusal {
            throw Problem(error, at: endpoint)
        }
    }

    /// What came of an operation.
    struct Outcome: Sendable {
        let result: JSONValue
        let warnings: Warnings
    }

    /// The tenant that the address names.
    func tenant() async throws -> Tenant? {
        guard let slug = place.tenant.flatMap(Slug.init(parsing:)) else { return nil }
        return try await gatehouse.tenants.find(slug)
    }

    /// Those of the pages that whoever looks may use, as far as roles say.
    func allowed(_ screens: [PortalScreen]) -> [PortalScreen] {
        screens.filter { access.allows($0.endpoint) }
    }

    /// What the query of the address says of the page itself, and nothing of the operation.
    func query() throws -> FormParameters { try request.queryParameters() }

    // MARK: What is answered

    /// A page within the frame of the portal.
    func page(
        _ title: String, _ content: HTML, tone: PageDocument.Tone = .plain,
        status: HTTPResponse.Status = .ok, framesThisSite: Bool = false
    ) -> Response {
        var document = frame.document(title, content, tone: tone)
        document.script = .portal
        document.framesThisSite = framesThisSite
        return .page(document, status: status)
    }

    /// The page of a form, which says what was wrong with it if anything was.
    func page(
        _ title: String, _ content: HTML, after problem: Problem?, framesThisSite: Bool = false
    ) -> Response {
        page(
            title, content, tone: problem == nil ? .plain : .problem,
            status: problem?.code.status ?? .ok, framesThisSite: framesThisSite)
    }

    var frame: PortalFrame { PortalFrame(self) }

    /// A form of the portal that is sent to where its page is.
    func form(
        to link: Link, carrying values: [(name: StaticString, value: String)] = []
    ) -> PostForm {
        PostForm(action: link, csrf: secret.authenticationCode(for: Self.use), carrying: values)
    }

    /// What a form of the portal says that this browser sent.
    func sentForm() async throws -> FormParameters {
        guard SameOriginCheck.allows(request.headers, at: portal.base.origin) else {
            throw PortalRefusal.foreignForm
        }
        let form = try await request.formParametersWithFiles(upTo: BodyLimit.document)
        guard secret.isValid(form[.csrf] ?? "", for: Self.use) else {
            throw PortalRefusal.foreignForm
        }
        return form
    }

    private static let use = "admin/portal"
}

/// Why the portal does nothing, besides what operations say.
enum PortalRefusal: Error {
    /// The form was made by no page of this browser.
    case foreignForm
    /// Whoever wants what cannot be undone signed in too long ago.
    case stale
}

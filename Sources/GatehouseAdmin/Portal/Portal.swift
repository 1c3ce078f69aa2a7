package import GatehouseCore
package import GatehouseProtocol
package import GatehouseWeb
import HTTPTypes
package import Hummingbird
import Logging

/// The portal: what people administer on, page by page.
///
/// Its pages are made from the contract of the admin API, and let in whoever used an admin link.
package struct Portal: Sendable {
    let gatehouse: Gatehouse
    let addresses: InstanceAddresses
    let assets: StaticAssets
    let clock: Clock
    let facts: InstallationFacts

    package init(
        gatehouse: Gatehouse, addresses: InstanceAddresses, facts: InstallationFacts,
        assets: StaticAssets, clock: Clock
    ) {
        self.gatehouse = gatehouse
        self.addresses = addresses
        self.assets = assets
        self.clock = clock
        self.facts = facts
    }

    var base: BaseURL { addresses.base }

    /// The address that an administrator clicks.
    ///
    /// The secret is in the query, which is never logged.
    package static func address(of secret: Secret, base: BaseURL) -> String {
        "\(base.text)/admin/link?secret=\(secret.revealed)"
    }

    package func addRoutes(to router: RouterGroup<EdgeContext>) {
        let router = router.group().add(middleware: ShedLoad(gatehouse: gatehouse))
        AdminLinkPage(portal: self).addRoutes(to: router)
        let pages = router.group("admin")
        pages.get { request, context in
            await answer(request, context, path: "") { call in try await call.home() }
        }
        pages.post("settings-file") { request, context in
            await answer(request, context, path: "") { call in try await call.settingsFile() }
        }
        let export = "tenants/{tenant}/events/export"
        pages.get("tenants/:tenant/events/export") { request, context in
            await answer(request, context, path: export) { call in try await call.exportEvents() }
        }
        pages.get(Self.routerPath(PortalCall.previewPath)) { request, context in
            await answer(request, context, path: PortalCall.previewPath) { call in
                try await call.previewBranding()
            }
        }
        pages.get(Self.routerPath(PortalCall.samplePath)) { request, context in
            await answer(request, context, path: PortalCall.samplePath) { call in
                try await call.sampleBranding()
            }
        }
        for screen in PortalScreen.all {
            let path = Self.routerPath(screen.path)
            pages.get(path) { request, context in
                await answer(request, context, path: screen.path) { call in
                    try await call.show(screen)
                }
            }
            guard screen.kind == .form else { continue }
            pages.post(path) { request, context in
                await answer(request, context, path: screen.path) { call in
                    try await call.perform(screen)
                }
            }
        }
    }

    private static func routerPath(_ path: String) -> RouterPath {
        RouterPath(path.replacing("{", with: ":").replacing("}", with: ""))
    }

    /// What the pages share with each other.
    var frame: PageFrame {
        var frame = PageFrame(
            siteName: "Gatehouse", stylesheet: assets.stylesheet, icon: assets.icon,
            home: link("/admin"))
        frame.ownStylesheet = assets.portalStylesheet
        return frame
    }

    func link(_ path: String) -> Link { Link(path: base.path + path) ?? "/" }

    /// The answer to one request; every error becomes a page.
    private func answer(
        _ request: Request, _ context: EdgeContext, path: String,
        _ body: (PortalCall) async throws -> Response
    ) async -> Response {
        let now = clock.now
        var call: PortalCall?
        do {
            let secret = TenantCookies.administration.browser(request.headers).session
            guard let secret,
                let visit = try await gatehouse.portalVisits.find(secret, at: now)
            else {
                return .page(
                    AdminProblemView(frame: frame, problem: .signedOut).document,
                    status: .unauthorized)
            }
            let place = try place(path, context)
            let made = PortalCall(
                portal: self, request: request, context: context, visit: visit, secret: secret,
                place: place,
                access: try await AdminAccess(
                    for: visit.administrator, at: place.tenant, of: gatehouse),
                occasion: Occasion(
                    now: now, requestID: context.requestID,
                    address: context.clientAddress?.description,
                    operator: visit.administrator.actor))
            call = made
            return try await body(made)
        } catch {
            return refusal(error, context, call)
        }
    }

    private func place(_ path: String, _ context: EdgeContext) throws -> PortalPlace {
        let values = try PortalScreen.placeholders(in: path).map { name in
            guard let raw = context.parameters.get(name),
                let value = PathSegment.decoded(raw)
            else { throw Problem(.malformed, "The address cannot be read.") }
            return (name: name, value: value)
        }
        return PortalPlace(base: base, values: values)
    }

    /// The page that says why something cannot be shown or done.
    private func refusal(
        _ error: any Error, _ context: EdgeContext, _ call: PortalCall?
    ) -> Response {
        let view = PortalProblemView(error, incident: context.requestID, home: link("/admin"))
        if view.isFault {
            context.logger.error(
                "unexpected error", metadata: ["error": .string(String(reflecting: error))])
        }
        let document =
            call.map { $0.frame.document(view.title, view.html, tone: .problem) }
            ?? PageDocument(frame, title: view.title, tone: .problem, body: view.html)
        let response = Response.page(document, status: view.status)
        return view.retryAfter.map { response.retryable(after: $0) } ?? response
    }
}

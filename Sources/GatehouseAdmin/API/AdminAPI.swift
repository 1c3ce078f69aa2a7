package import GatehouseCore
import GatehouseProtocol
package import GatehouseWeb
import HTTPTypes
package import Hummingbird
import Logging

/// The admin API: what operators do at the shell, for programs at a distance, as JSON over HTTP.
///
/// Its routes are made from the endpoints of its contract. It believes administrator keys and nothing
/// else, so no page of somebody else's can use the cookies of a browser here.
package struct AdminAPI: Sendable {
    let gatehouse: Gatehouse
    let addresses: InstanceAddresses
    let facts: InstallationFacts
    let clock: Clock
    private let document: ServedDocument
    let rates = CallRates()
    private let assets: StaticAssets

    package init(
        gatehouse: Gatehouse, addresses: InstanceAddresses, facts: InstallationFacts,
        assets: StaticAssets, clock: Clock
    ) {
        self.gatehouse = gatehouse
        self.addresses = addresses
        self.facts = facts
        self.assets = assets
        self.clock = clock
        document = ServedDocument(base: addresses.base, version: facts.version)
    }

    package func addRoutes(to router: RouterGroup<EdgeContext>) {
        let api = router.group("api/v1")
        api.get("openapi.json") { _, _ in Response.json(document.bytes) }
        api.get("docs") { _, _ in explorer }
        for endpoint in AdminEndpoint.all {
            api.on(RouterPath(endpoint.routerPath), method: endpoint.method) { request, context in
                await answer(request, context, at: endpoint)
            }
        }
    }

    private var explorer: Response {
        .page(
            ExplorerView(
                frame: PageFrame(
                    siteName: "Gatehouse", stylesheet: assets.stylesheet, icon: assets.icon),
                base: addresses.base
            ).document)
    }

    /// The answer to one request; every error becomes a problem, and every answer tells what is left.
    private func answer(
        _ request: Request, _ context: EdgeContext, at endpoint: AdminEndpoint
    ) async -> Response {
        let now = clock.now
        var rest: CallRates.Rest?
        var answer: AdminAnswer
        do {
            guard !ShedLoad.refuses(gatehouse) else {
                throw Problem(.unavailable, Problem.Code.unavailable.title, retryAfter: 2)
            }
            let key = try await authenticate(request, at: now)
            let taken = rates.take(key.id, at: now)
            rest = taken
            guard taken.isWithin else {
                throw Problem(
                    .tooManyRequests, Problem.Code.tooManyRequests.title,
                    retryAfter: Int(taken.seconds))
            }
            let call = AdminCall(
                api: self, endpoint: endpoint, key: key,
                occasion: Occasion(
                    now: now, requestID: context.requestID,
                    address: context.clientAddress?.description,
                    operator: .administratorKey(key.id)))
            answer = try await call.answer(request, context)
        } catch {
            answer = problem(error, at: endpoint, context)
                .answer(base: addresses.base, requestID: context.requestID)
        }
        rest?.add(to: &answer.headers)
        return answer.response
    }

    /// What an error means to whoever called; what is a fault of ours is logged.
    func problem(
        _ error: any Error, at endpoint: AdminEndpoint, _ context: EdgeContext
    ) -> Problem {
        let problem = Problem(error, at: endpoint)
        if problem.code == .failed {
            context.logger.error(
                "unexpected error", metadata: ["error": .string(String(reflecting: error))])
        }
        return problem
    }

    /// The key that a request carries, in its header alone: what stands in an address is in logs.
    private func authenticate(
        _ request: Request, at now: Timestamp
    ) async throws -> AdministratorKey {
        let headers = request.headers[values: .authorization]
        guard !headers.isEmpty else {
            throw Problem(
                .unauthenticated, Problem.Code.unauthenticated.title, challenge: "Bearer")
        }
        let invalid = Problem(
            .unauthenticated, "The key is none, is over, or was revoked.",
            challenge: #"Bearer error="invalid_token""#)
        guard
            // Whatever is wrong with it, it lets nobody in.
            let token = try? BearerToken(authorization: headers, form: nil),
            let secret = Secret(token.text, for: .administratorKey),
            let key = try await gatehouse.administratorKeys.find(secret, at: now)
        else { throw invalid }
        return key
    }
}

extension AdminEndpoint {
    /// The path as the router takes it.
    fileprivate var routerPath: String {
        path.replacing("{", with: ":").replacing("}", with: "")
    }
}

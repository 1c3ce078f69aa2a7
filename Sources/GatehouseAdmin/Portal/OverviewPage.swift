import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb
import Hummingbird

extension PortalCall {
    /// The first page of a tenant: what is still to be set up, and what happens.
    func overview(_ screen: PortalScreen) async throws -> Response {
        let shown = try await perform(.showTenant).result
        let events = try await perform(.listEvents, [("limit", .integer(8))]).result
        guard let tenant = try await tenant() else {
            throw Problem(.notFound, Problem.Code.notFound.title)
        }
        let activity = try await gatehouse.activity.ofTenant(tenant.id, at: occasion.now)
        let view = PortalOverviewView(
            place: place, tenant: shown, activity: activity, now: occasion.now,
            events: events.array ?? [], hasMail: gatehouse.sendInvitations != nil,
            isPublic: portal.base.scheme == "https",
            actions: allowed(screen.actions),
            mayCreate: allowed(
                [.createClient, .createUser, .createOrganization]
                    .compactMap { PortalScreen.byOperation[$0] }
            ).map(\.endpoint.operation))
        return page("Overview", HTML([try news(), view.html]))
    }
}

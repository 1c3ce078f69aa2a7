import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb
import Hummingbird

extension PortalCall {
    /// What connects an app to its client, and whether anybody signed in with it.
    func integration(_ screen: PortalScreen) async throws -> Response {
        let shown = try await perform(.integrateClient).result
        let client = try await perform(.showClient).result
        let id = client["client_id"]?.string ?? ""
        let kinds: [Event.Kind] = [.codeRedeemed, .deviceAuthorizationRedeemed, .tokenIssued]
        var finished: JSONValue?
        for kind in kinds where finished == nil {
            finished = try await perform(
                .listEvents,
                [("kind", .string(kind.rawValue)), ("actor", .string(id)), ("limit", 1)]
            ).result.array?.first
        }
        let view = IntegrationView(
            screen: screen, place: place, integration: shown, chosen: try query()[.with],
            name: client["name"]?.string ?? id, application: application(client),
            finished: finished)
        return page("Connect", view.html)
    }

    /// Where the application is, as far as its registration tells.
    private func application(_ client: JSONValue) -> Link? {
        if let begins = client["initiate_login_uri"]?.string, !begins.isEmpty {
            return Link(proven: begins)
        }
        return client["redirect_uris"]?.strings?.first
            .flatMap(WebAddress.init(parsing:)).flatMap { Link(proven: $0.origin + "/") }
    }
}

extension ParameterName {
    /// Which snippet is shown.
    static let with = Self("with")
}

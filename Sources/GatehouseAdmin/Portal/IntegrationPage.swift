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
        let view = IntegrationView(
            screen: screen, place: place, integration: shown, chosen: try query()[.with],
            name: client["name"]?.string ?? id, application: application(client),
            finished: try await lastResult(of: id))
        return page("Connect", view.html)
    }

    /// The event of the last sign-in or token of a client; nil if there was none for as long as that is
    /// known.
    ///
    /// Whoever waits asks again and again, so what was counted tells whether there is one, and since
    /// when it has to be looked for.
    private func lastResult(of client: String) async throws -> JSONValue? {
        guard let id = Client.ID(parsing: client), let tenant = try await tenant() else {
            return nil
        }
        let counts =
            try await gatehouse.activity.ofClients(
                [id], in: tenant.id, since: occasion.now - ReadActivity.kept
            )[id] ?? []
        let last = counts.last { ClientActivity.results.contains($0.measure) }
        guard let last else { return nil }
        let kinds: [Event.Kind] =
            last.measure == .machine
            ? [.tokenIssued] : [.codeRedeemed, .deviceAuthorizationRedeemed, .backchannelRedeemed]
        for kind in kinds {
            let found = try await perform(
                .listEvents,
                [
                    ("kind", .string(kind.rawValue)), ("actor", .string(client)),
                    ("since", .string(CalendarTime(last.began).timestamp)), ("limit", 1),
                ]
            ).result.array?.first
            if let found { return found }
        }
        return nil
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

import GatehouseCore
import GatehouseEncoding
import GatehouseWeb
import Hummingbird

extension PortalCall {
    /// An authorization request that was refused: what was sent against what is registered, and the
    /// way to mend the registration.
    func refusedRequest(_ screen: PortalScreen) async throws -> Response {
        let request = try await perform(.showRefusedRequest).result
        let view = RefusedRequestView(
            screen: screen, place: place, request: request, mending: try await mending(request))
        return page("Refused request", view.html)
    }

    /// The form that registers the address that was sent; nil where that is not the matter, or whoever
    /// looks may not.
    private func mending(_ request: JSONValue) async throws -> PostForm? {
        guard let client = request["client"]?.string,
            let sent = request["sent"]?["redirect_uri"]?.string,
            // One address, and not what a form takes for two.
            sent.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            request["nearest"] != nil, request["error"]?.string == nil,
            let screen = PortalScreen.byOperation[.updateClient], access.allows(screen.endpoint)
        else { return nil }
        let place = place.naming("client", client)
        guard let link = place.link(screen) else { return nil }
        let current: JSONValue
        do {
            current = try await perform(.showClient, in: place).result
        } catch is Problem {
            return nil
        }
        let addresses = (current["redirect_uris"]?.strings ?? []) + [sent]
        return form(
            to: link,
            carrying: [
                ("redirect_uris", addresses.joined(separator: "\n")),
                (PortalForm.revisionName, Revision(of: current).text),
            ])
    }
}

import GatehouseCore
import GatehouseProtocol

/// Whether answers and people come back to the app.
enum AddressRules {
    static func look(_ situation: ClientSituation) -> [Finding] {
        guard situation.signsPeopleIn else { return [] }
        return redirects(situation) + twins(situation) + surroundings(situation)
            + logout(situation)
    }

    private static func redirects(_ situation: ClientSituation) -> [Finding] {
        let uris = situation.client.redirectURIs
        guard !uris.isEmpty else {
            return situation.isLetInElsewhere
                ? []
                : [
                    .failure(
                        "no_redirect_uri", "No redirect URI is registered: nobody can sign in.",
                        "Register the address at which the app takes answers.",
                        by: situation.command("update", "--redirect-uri https://…"),
                        at: "redirect_uris")
                ]
        }
        return uris.flatMap { uri in
            RedirectURICheck(uri.text, for: situation.client.kind).findings
                .filter { $0.severity != .fine }.map { $0.about(uri.text) }
        }
    }

    /// Addresses that differ by so little that one of them may be a mistake.
    private static func twins(_ situation: ClientSituation) -> [Finding] {
        let texts = situation.client.redirectURIs.map(\.text)
        let known = Set(texts)
        return texts.compactMap { text in
            let isPair = known.contains(text + "/")
            guard isPair else { return nil }
            return .warning(
                "near_twins", "\(text) is registered with a slash at its end and without it.",
                "Find out which one the app sends, and remove the other.",
                at: "redirect_uris")
        }
    }

    /// What was good for developing and stayed.
    private static func surroundings(_ situation: ClientSituation) -> [Finding] {
        guard situation.client.kind != .native else { return [] }
        let addresses = situation.client.redirectURIs.compactMap { WebAddress(parsing: $0.text) }
        guard addresses.contains(where: \.isLoopback), addresses.contains(where: { !$0.isLoopback })
        else { return [] }
        return [
            .warning(
                "mixed_surroundings",
                "It answers on people's own machines and on the web at once.",
                "Use one client to develop with and another one for everybody.",
                at: "redirect_uris")
        ]
    }

    private static func logout(_ situation: ClientSituation) -> [Finding] {
        guard situation.client.postLogoutRedirectURIs.isEmpty,
            !situation.client.redirectURIs.isEmpty
        else { return [] }
        return [
            .warning(
                "no_post_logout_redirect_uri",
                "After signing out, people stay on a page here: no address to go back to is known.",
                "Register where the app wants them.",
                by: situation.command("update", "--post-logout-redirect-uri https://…"),
                at: "post_logout_redirect_uris")
        ]
    }
}

extension Finding {
    /// The same, with the address that it is about.
    fileprivate func about(_ address: String) -> Finding {
        let message = "\(address): \(self.message)"
        return severity == .failure
            ? .failure(rule, message, advice, by: command, at: field)
            : .warning(rule, message, advice, by: command, at: field)
    }
}

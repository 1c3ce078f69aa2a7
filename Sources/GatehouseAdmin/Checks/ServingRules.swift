import GatehouseProtocol

/// Whether people and programs reach the installation, and are told apart.
enum ServingRules {
    /// Fewer connections than this are soon used up: browsers hold several each.
    private static let fewConnections = 256

    static func look(_ situation: InstallationSituation) -> [Finding] {
        (address(situation) + service(situation))
            .orFine("serving", "It is served at \(situation.base.text).")
    }

    private static func address(_ situation: InstallationSituation) -> [Finding] {
        // Plain http is for loopback addresses only, so whatever has it is one.
        guard situation.base.scheme == "http" else { return [] }
        return [
            .warning(
                "address_of_this_machine",
                "Its address is \(situation.base.text), which only this machine reaches.",
                "Serve it at an address with https, by --base-url.")
        ]
    }

    private static func service(_ situation: InstallationSituation) -> [Finding] {
        guard let serving = situation.facts.serving else {
            return [
                .warning(
                    "opened_by_command",
                    "No server answered for it: this command opened it, and cannot tell how it is "
                        + "served.",
                    "Start it with gatehouse serve, and ask again.")
            ]
        }
        var found: [Finding] = []
        if situation.base.scheme == "https", !serving.endsTLS, !serving.trustsProxies {
            found.append(
                .warning(
                    "proxy_not_trusted",
                    "TLS ends at a proxy, and nothing that it says of whoever connects is "
                        + "believed: all people seem to come from one address, and share its limits.",
                    "Name the addresses of the proxy by --trusted-proxies."))
        }
        if serving.connections < Self.fewConnections {
            found.append(
                .warning(
                    "few_connections",
                    "The system lets it have \(serving.connections) connections at a time.",
                    "Raise the limit of open files, such as by LimitNOFILE= or ulimit -n."))
        }
        return found
    }
}

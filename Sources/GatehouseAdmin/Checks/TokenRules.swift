import GatehouseCore
import GatehouseJOSE
import GatehouseProtocol

/// Whether tokens can be made for the client, and be carried.
enum TokenRules {
    static func look(_ situation: ClientSituation) -> [Finding] {
        signing(situation) + length(situation)
    }

    private static func signing(_ situation: ClientSituation) -> [Finding] {
        let policies = situation.client.policies
        let active = Set(
            situation.keys.filter { $0.state(at: situation.now) == .active }.map(\.algorithm))
        let resources = situation.usableResources.filter { $0.policies.tokenFormat == .jwt }
        var wanted = [("access tokens", policies.accessTokenAlgorithm)]
        if situation.client.kind != .machine {
            wanted.append(("ID tokens", policies.idTokenAlgorithm))
        }
        if let algorithm = policies.userInfoAlgorithm { wanted.append(("userinfo", algorithm)) }
        for resource in resources {
            guard let algorithm = resource.policies.algorithm else { continue }
            wanted.append(("access tokens for \(resource.indicator.text)", algorithm))
        }
        return wanted.filter { !active.contains($0.1) }.map { what, algorithm in
            .failure(
                "no_signing_key", "No key signs with \(algorithm.name): there are no \(what).",
                "Make a key of the algorithm, or choose another one.",
                by: "gatehouse key create --algorithm \(algorithm.name) --tenant "
                    + situation.tenant.slug.text)
        }
    }

    private static func length(_ situation: ClientSituation) -> [Finding] {
        guard let forecast = situation.longestTokens, forecast.fit != .comfortable else {
            return []
        }
        return [
            .warning(
                forecast.fit == .outgrown ? "tokens_outgrown" : "tokens_tight", forecast.warning,
                "Have the app keep tokens on its server, and tell it of fewer organizations.",
                by: situation.command("update", "--select-organization"), at: "organizations")
        ]
    }
}

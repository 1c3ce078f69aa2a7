import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol

/// Whether what the client may ask for is there.
enum ScopeRules {
    static func look(_ situation: ClientSituation) -> [Finding] {
        identity(situation) + refreshing(situation) + unknown(situation) + audience(situation)
    }

    private static func identity(_ situation: ClientSituation) -> [Finding] {
        guard situation.client.kind != .machine,
            !situation.client.scope.contains(Scope.openID)
        else { return [] }
        return [
            .warning(
                "no_openid", "It may not ask for openid: it never learns who signed in.",
                "Add openid to its scope, unless it only calls APIs.",
                by: situation.command(
                    "update", "--scope openid \(situation.client.scope.options)"), at: "scope")
        ]
    }

    private static func refreshing(_ situation: ClientSituation) -> [Finding] {
        let client = situation.client
        switch client.policies.refreshTokens {
        case .never where client.scope.contains(Scope.offlineAccess):
            return [
                .warning(
                    "offline_access_in_vain",
                    "It may ask for offline_access, and refresh tokens are never issued to it.",
                    "Let it have refresh tokens, or take offline_access out of its scope.",
                    by: situation.command("update", "--refresh-tokens offline_access"),
                    at: "refresh_tokens")
            ]
        default: return []
        }
    }

    /// Values that nobody takes for anything.
    private static func unknown(_ situation: ClientSituation) -> [Finding] {
        let client = situation.client
        let usable = situation.usableResources
        // An API that lists none takes whatever clients are registered for, and so does one that is
        // named as the audience and is not known here.
        guard !usable.contains(where: { $0.scopes.isEmpty }),
            client.policies.audience.map({ audience in
                usable.contains { $0.indicator.text.isExactly(audience) }
            }) != false
        else { return [] }
        let known = Set(
            Scope.identity.values + [Scope.approvals, Scope.changes]
                + usable.flatMap { $0.scopes.map(\.value) })
        let unknown = client.scope.values.filter { !known.contains($0) }
        guard !unknown.isEmpty else { return [] }
        return [
            .warning(
                "unknown_scope",
                "No API that it may ask for knows \(unknown.joined(separator: ", ")).",
                "Add the scope to the API that it belongs to, or take it from the client.",
                by: "gatehouse resource list --tenant \(situation.tenant.slug.text)", at: "scope")
        ]
    }

    private static func audience(_ situation: ClientSituation) -> [Finding] {
        guard let audience = situation.client.policies.audience else { return [] }
        let resource = situation.resources.first { $0.indicator.text.isExactly(audience) }
        guard let resource else {
            return [
                .warning(
                    "audience_without_resource",
                    "The audience \(audience) is no API that is registered here.",
                    "Register it, so that its scopes, lifetimes and clients are settled in one place.",
                    by: "gatehouse resource create --tenant \(situation.tenant.slug.text) "
                        + "--name … --identifier …", at: "audience")
            ]
        }
        guard resource.disabledAt != nil else { return [] }
        return [
            .failure(
                "resource_disabled", "The API \(audience), which its tokens are for, is disabled.",
                "Enable the API, or give the client another audience.",
                by: "gatehouse resource update \(resource.id.text) --enable --tenant "
                    + situation.tenant.slug.text, at: "audience")
        ]
    }
}

extension Scope {
    /// The values as options of a command; what a shell would read otherwise as one word.
    fileprivate var options: String {
        values.map { "--scope " + CodeLiteral.shell($0) }.joined(separator: " ")
    }
}

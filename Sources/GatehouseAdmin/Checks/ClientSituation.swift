import GatehouseCore
import GatehouseProtocol

/// All that is known of a client when it is checked: read before, so that the check itself only judges.
struct ClientSituation: Sendable {
    let tenant: Tenant
    let client: Client
    let issuer: Issuer
    let secrets: [ClientSecret]
    let resources: [Resource]
    let keys: [TenantKey]
    /// The domains that the tenant claims.
    let domains: [DomainClaim]
    let longestTokens: TokenForecast?
    /// The requests that named the client and were refused in the last day, the newest first.
    let refused: [RefusedRequest]
    let now: Timestamp

    /// A command about the client.
    func command(_ verb: String, _ options: String = "") -> String {
        "gatehouse client \(verb) \(client.id.text) --tenant \(tenant.slug.text)"
            + (options.isEmpty ? "" : " " + options)
    }

    /// True if people sign in to it through a browser.
    var signsPeopleIn: Bool { client.grantTypes.contains(.authorizationCode) }

    /// True if people can let it in elsewhere, so that it needs no redirect URI.
    var isLetInElsewhere: Bool {
        client.policies.allowsDeviceAuthorization || client.policies.allowsBackchannelAuthentication
    }

    /// The resources that it may ask for.
    var usableResources: [Resource] {
        resources.filter { resource in
            resource.disabledAt == nil && resource.policies.clients?.contains(client.id) != false
        }
    }
}

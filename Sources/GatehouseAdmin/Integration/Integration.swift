import GatehouseCore
import GatehouseEncoding

/// All that a developer pastes to connect an app: code, settings and a prompt, with the values of its
/// client and without its secret.
struct Integration: Sendable {
    let facts: IntegrationFacts
    private(set) var snippets: [IntegrationSnippet]
    let environment: EnvironmentFile
    let prompt: IntegrationPrompt
    /// What says whether it is right.
    let checkCommand: String

    init(
        of client: Client, at tenant: Tenant, _ addresses: InstanceAddresses,
        resources: [Resource]
    ) {
        facts = IntegrationFacts(
            client, issuer: tenant.primaryIssuer(base: addresses.base), resources: resources)
        snippets = IntegrationSnippet.all(for: facts)
        environment = EnvironmentFile(facts)
        prompt = IntegrationPrompt(facts, tenant: tenant.slug.text)
        checkCommand = "gatehouse check app \(client.id.text) --tenant \(tenant.slug.text)"
    }

    /// The same with one snippet only; nil if there is none of that id.
    func choosing(_ id: String) -> Integration? {
        guard let snippet = snippets.first(where: { $0.id.isExactly(id) }) else { return nil }
        var chosen = self
        chosen.snippets = [snippet]
        return chosen
    }

    /// The integration as operations answer it.
    var shown: JSONValue {
        .object(
            JSONObject([
                ("client_id", .string(facts.clientID)), ("type", .string(facts.kind.rawValue)),
                ("issuer", .string(facts.issuer)), ("discovery", .string(facts.discovery)),
                ("redirect_uri", .optional(facts.redirectURI)),
                ("scope", .string(facts.scopeText)), ("audience", .optional(facts.audience)),
                ("notes", .array(facts.demands.map { .string($0) })),
                ("snippets", .array(snippets.map(\.shown))),
                ("env", .string(environment.text)), ("prompt", .string(prompt.text)),
                ("check", .string(checkCommand)),
            ]))
    }
}

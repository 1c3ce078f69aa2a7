package import GatehouseProtocol
import GatehouseSQL

extension SignIn {
    /// Begins an interaction in which somebody signs in to see a page of theirs; nil if the tenant
    /// has no client that anybody could sign in to.
    package func begin(
        toSee page: Interaction.Page, at tenant: Tenant, through issuer: Issuer,
        in browser: Secret, on occasion: Occasion
    ) async throws -> Interaction.ID? {
        let target = AuthorizationResponseTarget(
            redirectURI: try RedirectURI(registering: issuer.url(page.endpoint.path)),
            mode: .query, state: nil, issuer: issuer)
        return try await database.writeUnlessGone { transaction -> Interaction.ID? in
            let records = transaction.records(of: tenant.id)
            guard let client = try records.clients.findAnyLive() else { return nil }
            let interaction = try Interaction(
                toSee: page, at: target, of: client.id, in: browser, at: occasion.now)
            try records.interactions.insert(interaction)
            return interaction.id
        } ?? nil
    }
}

package import GatehouseProtocol
import GatehouseSQL

/// A place on a page of a person's own: the page itself, or something below it.
package struct OwnPlace: Sendable, Hashable {
    package let page: Interaction.Page
    /// The path below the issuer.
    package let path: String

    /// What comes behind the path of the page is made of literals, slugs and identifiers.
    package init(_ page: Interaction.Page, below rest: String = "") {
        self.page = page
        path = page.endpoint.path + rest
    }
}

extension SignIn {
    /// Begins an interaction in which somebody signs in to see a place of theirs; nil if the tenant
    /// has no client that anybody could sign in to.
    package func begin(
        toSee place: OwnPlace, at tenant: Tenant, through issuer: Issuer, in browser: Secret,
        on occasion: Occasion
    ) async throws -> Interaction.ID? {
        let target = AuthorizationResponseTarget(
            redirectURI: try RedirectURI(registering: issuer.url(place.path)),
            mode: .query, state: nil, issuer: issuer)
        return try await database.writeUnlessGone { transaction -> Interaction.ID? in
            let records = transaction.records(of: tenant.id)
            guard let client = try records.clients.findAnyLive() else { return nil }
            let interaction = try Interaction(
                toSee: place.page, at: target, of: client.id, in: browser, at: occasion.now)
            try records.interactions.insert(interaction)
            return interaction.id
        } ?? nil
    }
}

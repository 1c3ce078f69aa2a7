private import GatehouseEncoding
package import GatehouseProtocol
package import GatehouseSQL

/// Takes an authorization request from its client before a browser brings it (RFC 9126): checked
/// as a whole, and kept for a short while.
package struct PushAuthorizationRequest: Sendable {
    let database: any Database
    let registry: Registry
    let requestObjects: OpenRequestObject

    package init(database: any Database, registry: Registry, publishedKeys: PublishedKeys) {
        self.database = database
        self.registry = registry
        requestObjects = OpenRequestObject(publishedKeys: publishedKeys)
    }

    /// What the client gets for its request.
    package struct Receipt: Sendable {
        /// What the browser is to bring.
        package let requestURI: String
        /// For how many seconds it can.
        package let expiresIn: Int64
    }

    /// Checks and keeps a request; a proof that comes with it binds the code to its key
    /// (RFC 9449 §10.1).
    ///
    /// - Throws: ``OAuthError``
    package func push(
        _ form: FormParameters, with proof: ProvenKey?, by client: Client, of tenant: Tenant,
        through issuer: Issuer, on occasion: Occasion
    ) async throws -> Receipt {
        guard !form.contains(.requestURI) else {
            throw OAuthError(.invalidRequest, "A pushed request cannot hold a request_uri.")
        }
        let opened = try await opened(
            form, of: client, at: tenant.id, through: issuer, on: occasion)
        let form = try Self.bound(opened, by: proof)
        let parties = ProveRequest.Parties(
            client: client, redirectURI: try Self.redirectURI(in: form, of: client))
        let proven = try await ProveRequest(registry: registry).request(
            form, of: parties, at: tenant, through: issuer, on: occasion)
        let secret = Secret(for: .pushedRequest)
        let record = OneTimeSecret(
            secret, client: client.id,
            payload: PushedRequest.stored(proven.request, of: parties, through: issuer),
            lifetime: PushedRequest.lifetime, at: occasion.now)
        let isFirst = try await database.write { transaction in
            let records = transaction.records(of: tenant.id)
            if let proof, try !records.dpopProofs.use(proof) { return false }
            try records.oneTimeSecrets.insert(record)
            return true
        }
        guard isFirst else { throw CheckDPoPProof.replayed }
        return Receipt(
            requestURI: PushedRequest.reference(to: secret),
            expiresIn: PushedRequest.lifetime.seconds)
    }

    /// The request that the client signed, where it signed one (RFC 9126 §3): nothing beside it is
    /// read.
    private func opened(
        _ form: FormParameters, of client: Client, at tenant: Tenant.ID, through issuer: Issuer,
        on occasion: Occasion
    ) async throws -> FormParameters {
        guard let text = form[.request] else {
            try client.require(signed: false)
            return form
        }
        let opened = await requestObjects.open(
            text, of: client, at: tenant, through: issuer, on: occasion)
        if let problem = opened.problem { throw problem }
        return opened.form ?? form
    }

    /// The request that says itself which key its code is to be bound to.
    private static func bound(
        _ form: FormParameters, by proof: ProvenKey?
    ) throws(OAuthError) -> FormParameters {
        guard let proof else { return form }
        guard form.contains(.dpopJKT) else {
            return form.adding(.dpopJKT, proof.thumbprint.text)
        }
        guard let named = form[.dpopJKT], named.isExactly(proof.thumbprint.text) else {
            throw OAuthError(
                .invalidDPoPProof, "The dpop_jkt is not the key of the DPoP proof.")
        }
        return form
    }

    /// The address for the answer; the client is there to be told if it is none of its own.
    private static func redirectURI(
        in form: FormParameters, of client: Client
    ) throws(OAuthError) -> RedirectURI {
        guard !form.isRepeated(.redirectURI) else {
            throw OAuthError(.invalidRequest, "A parameter is included more than once.")
        }
        guard let redirectURI = client.redirectURI(covering: try form.require(.redirectURI)) else {
            throw OAuthError(.invalidRequest, "The redirect_uri is not registered for the client.")
        }
        return redirectURI
    }
}

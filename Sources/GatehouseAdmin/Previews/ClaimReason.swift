import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol

/// Why a claim is in a token or in userinfo: by which scope, setting or rule.
struct ClaimReason: Sendable {
    let client: Client
    /// The resource that the access token is for; nil if it is for none that is registered.
    let resource: Resource?
    let scope: Scope
    let place: Place

    /// Where the claim stands.
    enum Place: Sendable {
        case accessToken
        case idToken
        case userInfo
    }

    /// One sentence about a claim of this name.
    func sentence(about name: String) -> String {
        if IdentityClaims.names.contains(name) { return identity(name) }
        if OrganizationClaims.names.contains(name) { return organization(name) }
        switch name {
        case "iss": return "The address that the app asked at."
        case "sub" where client.kind == .machine: return "The client itself: it acts for nobody."
        case "sub":
            return client.policies.subjectType.sector == nil
                ? "By this name every client knows the person."
                : "By this name the clients of one sector know the person (subject_type pairwise)."
        case "aud": return audience
        case "client_id", "azp": return "The client that the token is given to."
        case "scope": return "What was asked for, as far as it makes sense for the audience."
        default: return circumstance(name) ?? "It is in each of them."
        }
    }

    private var audience: String {
        guard place == .accessToken else { return "The client: nobody else is to take it." }
        if let resource { return "The API \(resource.indicator.text), by resource or audience." }
        return client.policies.audience == nil
            ? "No API was asked for: the token is for the client itself."
            : "The client's setting audience."
    }

    private func identity(_ name: String) -> String {
        let own = IdentityClaims.scope(of: name)
        if place == .accessToken {
            return resource?.policies.claims.contains(name) == true
                ? "The API's setting claims." : "The client's setting access_token_email."
        }
        if scope.contains(own) { return "The scope \(own)." }
        return client.policies.userInfoScope == .registered
            ? "The client's setting userinfo_scope: it may ask for \(own)."
            : "It was asked for by name."
    }

    private func organization(_ name: String) -> String {
        if client.kind == .machine { return "The organization that the client belongs to." }
        return name == "organizations" && !client.policies.organizations.needsSelection
            ? "The client's setting organizations: it is told of them."
            : "The organization that is selected, of which the client is told."
    }

    /// What comes of when and how something happened.
    private func circumstance(_ name: String) -> String? {
        switch name {
        case "iat", "nbf": return "When the token is made."
        case "exp":
            return place == .accessToken && resource?.policies.lifetime != nil
                ? "The API's setting lifetime." : "The client's setting access_token_lifetime."
        case "jti": return "The name of this one token; made up here."
        case "gid": return "What is revoked with all that comes of the sign-in; made up here."
        case "sid":
            return place == .idToken
                ? "The session, as logout tokens name it; made up here."
                : "What the person allowed this client of somebody else's."
        case "auth_time": return "When the person signed in: now, for the preview."
        case "amr", "acr": return "How the person signed in: by password, for the preview."
        case "nonce": return "What the app sent; made up here."
        case "at_hash": return "The digest of the access token; made up here."
        case "cnf": return "What whoever uses the token has to prove."
        default: return nil
        }
    }
}

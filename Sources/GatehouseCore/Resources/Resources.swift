private import GatehouseEncoding
import GatehouseJOSE
import GatehouseProtocol

/// The resources of one tenant, by what clients call them.
package struct Resources: Sendable {
    fileprivate let resources: [String: Resource]
    /// The names of all types of authorization details that some resource understands.
    package let detailsTypes: [String]

    package init(_ all: [Resource]) {
        let live = all.filter { $0.disabledAt == nil }
        detailsTypes = Set(live.flatMap { $0.authorizationDetailsTypes.map(\.name) }).sorted()
        resources = Dictionary(
            all.map { ($0.indicator.text, $0) }, uniquingKeysWith: { first, _ in first })
    }

    private static let unknown = OAuthError(
        .invalidTarget, "The resource is unknown, or the client may not ask for it.")

    /// What tokens are to be for: what the client asks for, or else its default.
    ///
    /// - Throws: ``OAuthError`` with `invalid_target` unless every resource is one that the client
    ///   may ask for (RFC 8707 §2).
    func audience(
        _ requested: [ResourceIndicator], by client: Client
    ) throws(OAuthError) -> [String] {
        let audience = requested.isEmpty ? [client.defaultAudience] : requested.map(\.text)
        for one in audience {
            let isDefault = one.isExactly(client.defaultAudience)
            guard isDefault || resources[one] != nil, isOpen(one, to: client) else {
                throw Self.unknown
            }
        }
        return audience
    }

    /// Refuses what a grant for the default audience of a client cannot be narrowed to later: a
    /// resource that is unknown, and any other than the default.
    func checkDefault(
        _ requested: [ResourceIndicator], of client: Client
    ) throws(OAuthError) {
        guard !requested.isEmpty else { return }
        _ = try audience(requested, by: client)
        _ = try narrowed(requested, of: [client.defaultAudience], by: client)
    }

    /// Which part of what a grant is for a token is to be for; all of it unless the client says so
    /// (RFC 8707 §2.2).
    ///
    /// What was disabled since is left out.
    func narrowed(
        _ requested: [ResourceIndicator], of audience: [String], by client: Client
    ) throws(OAuthError) -> [String] {
        guard !requested.isEmpty else {
            let open = audience.filter { isOpen($0, to: client) }
            guard !open.isEmpty else { throw Self.unknown }
            return open
        }
        let narrowed = requested.map(\.text)
        guard narrowed.allSatisfy({ one in audience.contains { one.isExactly($0) } }) else {
            throw OAuthError(.invalidTarget, "The grant is not for this resource.")
        }
        guard narrowed.allSatisfy({ isOpen($0, to: client) }) else { throw Self.unknown }
        return narrowed
    }

    /// Whether nothing keeps the client from it: neither that it is disabled, nor that it is for
    /// other clients.
    private func isOpen(_ indicator: String, to client: Client) -> Bool {
        guard let resource = resources[indicator] else { return true }
        return resource.disabledAt == nil
            && resource.policies.clients.map { $0.contains(client.id) } ?? true
    }

    /// What follows for an access token from whom it is for.
    func target(_ audience: [String], of client: Client) throws(OAuthError) -> TokenTarget {
        var target = TokenTarget(audience: audience, client: client.policies)
        guard !resources.isEmpty else { return target }
        let known = audience.compactMap { resources[$0] }
        guard let first = known.first else { return target }
        for resource in known {
            guard resource.policies.tokenFormat == first.policies.tokenFormat,
                resource.policies.algorithm == first.policies.algorithm
            else {
                throw OAuthError(
                    .invalidTarget, "No one token can be for all of these resources.")
            }
        }
        target.format = first.policies.tokenFormat
        target.algorithm = first.policies.algorithm ?? target.algorithm
        guard client.policies.profile.algorithms.contains(target.algorithm) else {
            throw OAuthError(
                .invalidTarget,
                client.policies.profile.refusal(lacking: .strongAlgorithms)
                    ?? "No token for the client can be signed so.")
        }
        target.lifetime = known.compactMap(\.policies.lifetime).min() ?? target.lifetime
        for resource in known { target.claims.formUnion(resource.policies.claims) }
        target.scope = scopes(of: audience)
        return target
    }

    /// Whether each value of a scope makes sense at one of the resources at least.
    func know(_ scope: Scope, in audience: [String]) -> Bool {
        guard let known = scopes(of: audience) else { return true }
        return scope.values.allSatisfy { known.contains($0) || Scope.identity.contains($0) }
    }

    /// The scope values that the resources know; nil if one of them takes any.
    private func scopes(of audience: [String]) -> Set<String>? {
        var values: Set<String> = []
        for one in audience {
            guard let scopes = resources[one]?.scopes, !scopes.isEmpty else { return nil }
            values.formUnion(scopes.map(\.value))
        }
        return values
    }

    /// What a client asks for, part by part: who the person is, and what at each resource.
    ///
    /// A value may stand in more than one part.
    func parts(of scope: Scope, for audience: [String]) -> [ConsentPart] {
        let there = scope.subtracting(.identity)
        let parts = audience.map { one in
            let known = scopes(of: [one])
            return ConsentPart(
                resource: one, scope: there.filter { known?.contains($0) ?? true })
        }
        return [ConsentPart(resource: "", scope: scope.intersection(.identity))]
            + parts.filter { !$0.scope.isEmpty || resources[$0.resource] != nil }
    }

    /// The type of a name that one of these resources understands.
    package func detailsType(
        _ name: String, in audience: [String]
    ) -> AuthorizationDetailsType? {
        audience.lazy.compactMap { resources[$0] }.flatMap(\.authorizationDetailsTypes)
            .first { $0.name.isExactly(name) }
    }

    /// Refuses details that the client may not ask for, or that none of the resources understands.
    func check(
        _ details: AuthorizationDetails?, for audience: [String], by client: Client
    ) throws(OAuthError) {
        for detail in details?.all ?? [] {
            guard client.policies.authorizationDetailsTypes.contains(detail.type),
                let type = detailsType(detail.type, in: audience)
            else {
                throw OAuthError(
                    .invalidAuthorizationDetails,
                    "The client may not ask for this type, or none of the resources knows it.")
            }
            guard type.fits(detail) else {
                throw OAuthError(
                    .invalidAuthorizationDetails,
                    "A member of the authorization_details is missing, or is not of its type.")
            }
        }
    }

    /// What of the details a token for these resources says.
    func narrowed(
        _ details: AuthorizationDetails?, for audience: [String], by client: Client
    ) -> AuthorizationDetails? {
        details?.filter { detail in
            client.policies.authorizationDetailsTypes.contains(detail.type)
                && detailsType(detail.type, in: audience) != nil
        }
    }

    /// The resource of an indicator, if it is registered.
    package subscript(indicator: String) -> Resource? { resources[indicator] }

    /// How long an access token for one of the resources lasts at most.
    func longestLifetime(of audience: [String], for client: Client) -> Lifetime {
        let standard = client.policies.accessTokenLifetime
        return audience.map { resources[$0]?.policies.lifetime ?? standard }.max() ?? standard
    }

    /// Whether a client speaks for one of those whom a token is for.
    func speaks(_ client: Client.ID, for audience: [String]) -> Bool {
        audience.contains { one in
            guard let resource = resources[one], resource.disabledAt == nil else { return false }
            return resource.policies.servers.contains(client)
        }
    }
}

/// What an access token is for, and what of its form follows from that.
struct TokenTarget: Sendable {
    let audience: [String]
    var format = AccessTokenFormat.jwt
    var algorithm: Algorithm
    var lifetime: Lifetime
    /// The names of the claims about the person that the token carries.
    var claims: Set<String>
    /// The scope values that make sense there besides those of OpenID Connect; nil for any.
    var scope: Set<String>?

    /// What the client's policies say where nothing is known of the resources.
    init(audience: [String], client: ClientPolicies) {
        self.audience = audience
        algorithm = client.accessTokenAlgorithm
        lifetime = client.accessTokenLifetime
        claims = client.accessTokenHasEmail ? ["email"] : []
    }

    /// What of a scope a token can carry that is for these resources.
    func narrowed(_ scope: Scope) -> Scope {
        guard let known = self.scope else { return scope }
        return scope.filter { known.contains($0) || Scope.identity.contains($0) }
    }
}

extension Client {
    /// Whom tokens are for that the client does not ask for another resource.
    var defaultAudience: String { policies.audience ?? id.text }
}

extension Resources {
    /// The identity scopes, and every value that one of the resources knows.
    var registrableScope: Scope {
        let values = resources.values.filter { $0.disabledAt == nil }
            .sorted { $0.indicator.text < $1.indicator.text }.flatMap { $0.scopes.map(\.value) }
            // Whoever answers for people, or hears of everybody, is let in by name.
            .filter { $0 != Scope.approvals && $0 != Scope.changes }
        // A list that is longer than any request may be is none to register.
        return (try? Scope(parsing: (Scope.identity.values + values).joined(separator: " ")))
            ?? .identity
    }
}

import GatehouseProtocol

/// About how long the tokens of a client become by what they say of one person's organizations, told
/// before there is such a token.
package struct TokenForecast: Sendable {
    package let client: Client.ID
    package let user: User.ID
    /// How many organizations the tokens tell of.
    package let organizations: Int
    /// How many bytes the claims about organizations have, as JSON.
    package let claimsLength: Int

    /// How many bytes the rest of a token has: its header, its signature, and what it says besides.
    private static let restLength = 1_000

    /// About how many bytes a token has: what is signed is written in base64url.
    package var tokenLength: Int { Self.tokenLength(with: claimsLength) }

    private static func tokenLength(with claimsLength: Int) -> Int {
        (claimsLength * 4 + 2) / 3 + restLength
    }

    /// Whether such tokens go into cookies and headers.
    package enum Fit: String, Sendable {
        case comfortable
        /// Some more organizations or scopes, and they do not.
        case tight
        case outgrown
    }

    package var fit: Fit { Self.fit(of: tokenLength) }

    private static func fit(of tokenLength: Int) -> Fit {
        let most = TokenResponse.comfortableLength
        if tokenLength > most { return .outgrown }
        return tokenLength > most / 4 * 3 ? .tight : .comfortable
    }

    /// What the tokens of a client would say of the memberships of a person; nil if they say nothing
    /// of any.
    init?(of user: User.ID, in memberships: [CurrentMembership], to client: Client) {
        let access = client.policies.organizations
        let told = memberships.filter { access.visible.contains($0.organizationID) }
        guard !told.isEmpty else { return nil }
        let isOne = access.needsSelection && !client.policies.asksElsewhere
        self.client = client.id
        self.user = user
        organizations = isOne ? 1 : told.count
        claimsLength = isOne ? Self.longestSelection(of: told) : Self.length(ofAll: told)
    }

    /// True if tokens about these memberships fit comfortably, whatever their client is told: then
    /// nobody has to ask which clients there are.
    static func isComfortable(with memberships: [CurrentMembership]) -> Bool {
        let longest = max(longestSelection(of: memberships), length(ofAll: memberships))
        return fit(of: tokenLength(with: longest)) == .comfortable
    }

    private static func length(ofAll memberships: [CurrentMembership]) -> Int {
        OrganizationClaims.all(memberships.map(\.told).claims).length
    }

    private static func longestSelection(of memberships: [CurrentMembership]) -> Int {
        memberships.map { OrganizationClaims.selected($0.selection).length }.max() ?? 0
    }
}

extension ClientPolicies {
    /// True if people let the client in where nobody selects an organization: then it is told of all.
    fileprivate var asksElsewhere: Bool {
        allowsDeviceAuthorization || allowsBackchannelAuthentication
    }
}

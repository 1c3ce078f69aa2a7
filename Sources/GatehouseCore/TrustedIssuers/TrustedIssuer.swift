package import GatehouseJOSE
package import GatehouseProtocol
package import GatehouseSQL

/// Another issuer, whose word about a person is taken for access tokens (RFC 7523 §2.1).
package struct TrustedIssuer: Sendable, Identified {
    package typealias ID = Identifier<TrustedIssuer>
    package static let identifierPrefix = "tri"

    package let id: ID
    /// The `iss` of its assertions, byte for byte; it never changes.
    package let name: Name
    package var terms: Terms
    package let createdAt: Timestamp
    package var updatedAt: Timestamp
    package var disabledAt: Timestamp?

    package init(_ name: Name, _ terms: Terms, at now: Timestamp) {
        id = ID(at: now)
        self.name = name
        self.terms = terms
        createdAt = now
        updatedAt = now
        disabledAt = nil
    }

    /// What an issuer calls itself: visible ASCII, compared byte for byte.
    package struct Name: Sendable, Hashable, SQLConvertible {
        package let text: String

        /// The most bytes that a name may have.
        private static let limit = 500

        package init?(_ text: String) {
            guard (1...Self.limit).contains(text.utf8.count),
                text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
            else { return nil }
            self.text = text
        }

        package var sqlValue: SQLValue { .text(text) }
    }

    /// What its word is worth.
    package struct Terms: Sendable {
        /// Where its keys are.
        package var keys: ClientKeys
        /// What it may sign with; never empty.
        package var algorithms = Algorithm.allCases
        /// The clients that may bring its assertions; no others may.
        package var clients: Set<Client.ID>
        package var mapping: Mapping
        /// The most that its assertions can give.
        package var scope = Scope.none
        /// What tokens may be for; empty for the default of the client.
        package var resources: [ResourceIndicator] = []
        /// How long access tokens last at most.
        package var longestLifetime = Lifetime.minutes(15)

        package init(keys: ClientKeys, clients: Set<Client.ID>, mapping: Mapping) {
            self.keys = keys
            self.clients = clients
            self.mapping = mapping
        }
    }

    /// How its subjects become users here.
    package enum Mapping: String, Sendable, CaseIterable {
        /// The `sub` is the identifier of a user.
        case user
        /// The `sub` is the e-mail address of a user, who proved here that it is theirs.
        case email
        /// The `sub` was linked to a user by an operator.
        case link
    }

    /// What tokens are to be for, if its assertions may give that; nothing means the client's own
    /// default.
    func targets(_ requested: [ResourceIndicator]) -> [ResourceIndicator]? {
        guard !requested.isEmpty else { return terms.resources.count > 1 ? nil : terms.resources }
        return requested.allSatisfy(terms.resources.contains) ? requested : nil
    }

    /// What of the scope that is asked for its assertion can give.
    ///
    /// Nothing that is about signing in: nobody did.
    func scope(
        _ requested: Scope?, to client: Client, at target: TokenTarget
    ) throws(OAuthError) -> Scope {
        let allowed = target.narrowed(
            terms.scope.intersection(client.scope).subtracting(.identity))
        guard let requested else { return allowed }
        guard requested.isSubset(of: allowed) else {
            throw OAuthError(
                .invalidScope, "The scope exceeds what the client and the issuer may have.")
        }
        return requested
    }
}

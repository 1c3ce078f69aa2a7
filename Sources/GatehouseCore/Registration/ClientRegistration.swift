/// How a client came to be registered, and what it says of itself.
package struct ClientRegistration: Sendable {
    package var origin = Client.Origin.administrator
    package var description = ClientDescription()
    /// What the token that it registered with allows, for all changes to come.
    package var limits: RegistrationLimits?
    /// How fresh the client's document is, if it has one.
    package var freshness: DocumentFreshness?

    package init() {}
}

/// When a metadata document was fetched, and until when nobody has to ask again.
package struct DocumentFreshness: Sendable, Hashable {
    package let fetchedAt: Timestamp
    package let freshUntil: Timestamp

    /// What a document may say about how long it is kept.
    static let range = Lifetime.minutes(5)...Lifetime.hours(24)
    /// How long it is kept if it says nothing.
    static let standard = Lifetime.hours(1)
    /// How long it is used beyond that if it cannot be had.
    static let patience = Lifetime.hours(1)

    init(fetchedAt: Timestamp, freshUntil: Timestamp) {
        self.fetchedAt = fetchedAt
        self.freshUntil = freshUntil
    }

    init(of answer: Lifetime?, at now: Timestamp) {
        let lifetime = answer.map { min(max($0, Self.range.lowerBound), Self.range.upperBound) }
        fetchedAt = now
        freshUntil = now + (lifetime ?? Self.standard)
    }

    /// True if nobody has to ask again, whichever way the clock was set since.
    func isFresh(at now: Timestamp) -> Bool {
        now < freshUntil && fetchedAt <= now + Self.range.lowerBound
    }

    /// True if it may be used while it cannot be had.
    func isUsable(at now: Timestamp) -> Bool { now < freshUntil + Self.patience }
}

extension Client {
    /// Who made the client known.
    package enum Origin: Sendable, Hashable {
        /// An operator of the tenant.
        case administrator
        /// It registered itself (RFC 7591).
        case registered
        /// Its document names it (draft-ietf-oauth-client-id-metadata-document).
        case metadataDocument(MetadataDocumentAddress)

        /// The host that a client identifies itself by and that nobody here checked.
        package var unverifiedHost: String? {
            if case .metadataDocument(let address) = self { address.host } else { nil }
        }

        /// True if it chose itself what it is called.
        package var isSelfDeclared: Bool { self != .administrator }
    }
}

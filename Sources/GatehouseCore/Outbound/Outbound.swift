package import GatehouseProtocol

/// The one way out: asks other servers for what Gatehouse needs of them.
///
/// The domain decides what to ask and what to believe of an answer. Whatever carries it keeps
/// requests away from addresses that are not public, and answers within limits; it lives in a target
/// of its own, because the domain knows no HTTP.
package protocol Outbound: Sendable {
    /// Asks for a document, and returns whatever the server answered, whole.
    ///
    /// `now` is the time of the request that made it necessary.
    func get(
        _ request: OutboundRequest, at now: Timestamp
    ) async throws(OutboundFailure) -> OutboundAnswer

    /// Posts something, and returns whatever the server answered, whole.
    func post(
        _ content: OutboundContent, to request: OutboundRequest, at now: Timestamp
    ) async throws(OutboundFailure) -> OutboundAnswer
}

/// What is asked of another server.
package struct OutboundRequest: Sendable {
    package let address: OutboundAddress
    /// What the `Accept` header says.
    package let accept: StaticString
    /// The most bytes that the body of the answer may have.
    package let mostBytes: Int
    /// What is posted; nil if a document is asked for.
    package private(set) var content: OutboundContent?

    package init(_ address: OutboundAddress, accept: StaticString, mostBytes: Int) {
        self.address = address
        self.accept = accept
        self.mostBytes = mostBytes
    }

    /// The same request, with something to post.
    package func posting(_ content: OutboundContent) -> OutboundRequest {
        var request = self
        request.content = content
        return request
    }
}

/// What is posted to another server.
package struct OutboundContent: Sendable {
    package let mediaType: StaticString
    package let bytes: [UInt8]
    /// What proves to the other server that it is us, if that is what it wants.
    package let bearerToken: ClientNotificationToken?

    /// A form, which says by itself who sends it.
    package init(_ form: FormParameters) {
        mediaType = "application/x-www-form-urlencoded"
        bytes = Array(form.encoded.utf8)
        bearerToken = nil
    }

    /// JSON, for whoever gave us a token to show.
    package init(json bytes: [UInt8], by bearerToken: ClientNotificationToken) {
        mediaType = "application/json"
        self.bytes = bytes
        self.bearerToken = bearerToken
    }
}

/// What another server answered.
///
/// Nothing of it is believed yet: neither its status nor its type.
package struct OutboundAnswer: Sendable {
    package let status: Int
    /// Type and subtype of the content, in lower case and without parameters; nil if it is not said
    /// exactly once.
    package let mediaType: String?
    package let body: [UInt8]
    /// How long it says that it may be kept; nil if it does not.
    package let freshness: Lifetime?

    package init(
        status: Int, mediaType: String?, body: [UInt8], freshness: Lifetime? = nil
    ) {
        self.status = status
        self.mediaType = mediaType
        self.body = body
        self.freshness = freshness
    }
}

/// Why there is no answer of another server.
package enum OutboundFailure: String, Error, Sendable, CaseIterable {
    /// An address of the host is not public, and the operator did not allow it.
    case forbiddenAddress = "forbidden_address"
    /// The name of the host leads nowhere.
    case unresolved
    /// Nothing answers at the addresses of the host.
    case unreachable
    /// The host did not prove by a certificate who it is.
    case insecure
    /// The answer did not end in time.
    case timedOut = "timed_out"
    /// The answer is longer than anything honest.
    case tooLarge = "too_large"
    /// The answer leads elsewhere, where nobody looked yet.
    case redirected
    /// The content is compressed, which nobody asked for.
    case encoded
    /// The answer is not HTTP, or broke off.
    case malformed
    /// So many requests to the host, or in all, are under way already.
    case busy
    /// The same failed a moment ago.
    case recentlyFailed = "recently_failed"
}

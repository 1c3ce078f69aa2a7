/// What a ``FakeIssuer`` does wrong: a mistake, or an attack.
public enum Misbehavior: String, Sendable, CaseIterable {
    // MARK: Documents

    /// The metadata speaks for another issuer.
    case metadataOfAnother
    /// An endpoint is plain http somewhere else.
    case unsafeEndpoint
    /// The metadata sends whoever asks elsewhere.
    case redirectedMetadata
    /// There are more keys than anybody needs.
    case hugeKeySet
    /// The keys are no JSON.
    case unreadableKeySet
    /// The keys cannot be had.
    case noKeySet
    /// The keys come so slowly that they never end.
    case slowKeySet
    /// The keys never end.
    case endlessKeySet

    // MARK: Answers through the browser

    /// The answer says that another issuer gave it (RFC 9207): a mix-up.
    case foreignIssuerInCallback
    /// The answer does not say who gave it.
    case noIssuerInCallback
    /// The answer has the state of somebody else.
    case foreignState
    /// The answer has no state.
    case noState
    /// The answer has two codes.
    case twoCodes

    // MARK: Answers of the token endpoint

    /// There is no ID token.
    case noIDToken
    /// The answer is no JSON.
    case unreadableAnswer
    /// The access token is of a kind that nobody asked for.
    case foreignTokenType
    /// The token endpoint is broken, though it says that the grant is.
    case brokenToken
    /// The token endpoint has no time for anybody (429), though it says that the grant is over.
    case busyToken
    /// The userinfo endpoint is broken.
    case brokenUserInfo
    /// The token endpoint sends whoever asks elsewhere.
    case redirectedToken

    // MARK: ID tokens

    /// `iss` is another issuer.
    case foreignIssuer
    /// `aud` is another client.
    case foreignAudience
    /// `aud` is this client and another one, and `azp` is missing.
    case unclearAudience
    /// `azp` is another client.
    case foreignParty
    /// `nonce` is another one.
    case foreignNonce
    /// `nonce` is missing.
    case noNonce
    /// `at_hash` is that of another access token.
    case foreignAccessTokenHash
    /// The token is over.
    case expired
    /// The token has no end.
    case endless
    /// The token is from the future.
    case notYetValid
    /// `auth_time` is long ago.
    case longAgo
    /// `sub` is missing.
    case noSubject
    /// `sub` is somebody else.
    case foreignSubject
    /// `organizations` is no list.
    case strangeOrganizations
    /// The signature is of other bytes.
    case wrongSignature
    /// The token is signed with a key that is published nowhere.
    case unknownKey
    /// The token is signed with a key that is in its own header.
    case keyInHeader
    /// The token says `none` and is not signed.
    case unsigned
    /// The token is signed with a shared secret, which is the public key.
    case sharedSecret
    /// The token says another algorithm than that of its key.
    case swappedAlgorithm
    /// The token says that it is an access token.
    case foreignType
    /// The token demands an extension that nobody knows.
    case criticalExtension

    // MARK: The change feed

    /// The feed lets nobody in.
    case closedFeed
    /// The feed is no stream of events.
    case feedOfAnotherKind
    /// An event of the feed is larger than any needs to be.
    case hugeEvent
    /// A line of the feed does not end.
    case endlessLine
    /// The feed drips, and never brings a whole event.
    case slowFeed
    /// An event of the feed is no JSON.
    case unreadableEvent
    /// A change is from the future, and would make every token outdated.
    case changeFromTheFuture
    /// The feed ends as soon as it has begun.
    case shortFeed
    /// The feed tells what it had told before, under the names of then.
    case feedGoesBack
    /// The feed says that it is not known what happened.
    case feedReset
}

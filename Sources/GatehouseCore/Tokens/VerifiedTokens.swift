private import Crypto
private import Synchronization

/// The access tokens whose signature was checked lately, so that a token that is used again costs a
/// digest and no signature check.
///
/// Only the signature is remembered, of this very text under the keys of this tenant. Whether the
/// key is still one of the tenant's, whether the token's time is over and whether it was revoked is
/// asked each time.
package final class VerifiedTokens: Sendable {
    private struct Key: Hashable {
        let tenant: Tenant.ID
        let digest: SHA256.Digest
    }

    /// What a token says, and the key that signed it.
    struct Verified: Sendable {
        let keyID: String?
        let token: VerifiedAccessToken
    }

    /// About four megabytes at most.
    private static let limit = 4_096

    private let table = Mutex(RecentlyUsed<Key, Verified>(limit: limit))

    package init() {}

    /// What the token says, if it is remembered; else what the check finds, if it finds it good.
    func token(
        _ text: String, of tenant: Tenant.ID, orElse check: () throws -> Verified
    ) rethrows -> Verified {
        let key = Key(tenant: tenant, digest: SHA256.hash(data: Array(text.utf8)))
        if let known = table.withLock({ $0[key] }) { return known }
        let verified = try check()
        table.withLock { $0[key] = verified }
        return verified
    }
}

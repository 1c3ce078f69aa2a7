import GatehouseJOSE
private import Synchronization

/// The keys that clients and trusted issuers publish at an address of their own (`jwks_uri`,
/// RFC 7591 §2), kept for a while.
///
/// They are asked for when they are needed first, when they are old, and when somebody signs with a
/// key that is not among them; but however many requests there are, one asks, and not again before a
/// pause is over. So nobody can make this server ask and ask by inventing names of keys.
package final class PublishedKeys: Sendable {
    /// Whose keys, and where they are.
    struct Owner: Hashable, Sendable {
        let tenant: Tenant.ID
        let party: Party
        let address: OutboundAddress

        /// Tells that the keys were not to be had.
        fileprivate func unavailability(_ reason: String) -> Event {
            let detail: [(name: StaticString, value: String)] = [("reason", reason)]
            return switch party {
            case .client(let id):
                Event(.clientKeysUnavailable, by: .system, of: id.text, detail: detail)
            case .issuer(let id):
                Event(.trustedIssuerKeysUnavailable, by: .system, of: id.text, detail: detail)
            }
        }
    }

    /// Whoever publishes keys.
    enum Party: Hashable, Sendable {
        case client(Client.ID)
        case issuer(TrustedIssuer.ID)
    }

    /// What is known of one owner's keys.
    struct Known: Sendable {
        /// How long keys are used without asking again.
        static let freshness = Lifetime.minutes(10)
        /// How long they are used if nobody answers.
        static let patience = Lifetime.hours(1)
        /// How long after one attempt the next may be made.
        static let pause = Lifetime.seconds(60)

        private var keys: JSONWebKeySet?
        private var fetchedAt = Timestamp(milliseconds: 0)
        private var attemptedAt: Timestamp?
        fileprivate var attempt: Task<Void, Never>?

        /// The keys, if they are not older than that, whichever way the clock was set since.
        func keys(within age: Lifetime, at now: Timestamp) -> JSONWebKeySet? {
            guard let keys, fetchedAt - age < now, now < fetchedAt + age else { return nil }
            return keys
        }

        /// True if it may be tried now, whichever way the clock was set since.
        func mayAttempt(at now: Timestamp) -> Bool {
            guard let attemptedAt else { return true }
            return now < attemptedAt - Self.pause || attemptedAt + Self.pause <= now
        }

        mutating func begin(at now: Timestamp) {
            attemptedAt = now
        }

        /// Keeps what an attempt brought; nothing leaves the old keys in place.
        mutating func end(_ brought: JSONWebKeySet?, at now: Timestamp) {
            attempt = nil
            guard let brought else { return }
            (keys, fetchedAt) = (brought, now)
        }
    }

    /// How many owners' keys are kept.
    private static let limit = 4_096
    /// The most bytes of a key set: several times those of the longest honest one.
    private static let mostBytes = 128 * 1024

    private let outbound: any Outbound
    private let usage: UsageRecorder
    private let table = Mutex(RecentlyUsed<Owner, Known>(limit: limit))

    package init(outbound: any Outbound, usage: UsageRecorder) {
        self.outbound = outbound
        self.usage = usage
    }

    /// The keys of an owner; nil if they are not to be had.
    func keys(of owner: Owner, on occasion: Occasion) async -> JSONWebKeySet? {
        let attempt = table.withLock { table -> Task<Void, Never>? in
            var known = table[owner] ?? Known()
            guard known.keys(within: Known.freshness, at: occasion.now) == nil else { return nil }
            defer { table[owner] = known }
            return self.fetchOnce(owner, &known, on: occasion)
        }
        await attempt?.value
        return lastKnown(of: owner, at: occasion.now)
    }

    /// The keys of an owner who signed with one that was not known, asked for again unless that was
    /// done a moment ago.
    func newerKeys(of owner: Owner, on occasion: Occasion) async -> JSONWebKeySet? {
        let attempt = table.withLock { table -> Task<Void, Never>? in
            var known = table[owner] ?? Known()
            defer { table[owner] = known }
            return self.fetchOnce(owner, &known, on: occasion)
        }
        await attempt?.value
        return lastKnown(of: owner, at: occasion.now)
    }

    private func lastKnown(of owner: Owner, at now: Timestamp) -> JSONWebKeySet? {
        table.withLock { $0[owner]?.keys(within: Known.patience, at: now) }
    }

    /// The attempt that is under way, or else one that begins now, if it may.
    private func fetchOnce(
        _ owner: Owner, _ known: inout Known, on occasion: Occasion
    ) -> Task<Void, Never>? {
        if let attempt = known.attempt { return attempt }
        guard known.mayAttempt(at: occasion.now) else { return nil }
        known.begin(at: occasion.now)
        let attempt = Task { await self.fetch(owner, on: occasion) }
        known.attempt = attempt
        return attempt
    }

    private func fetch(_ owner: Owner, on occasion: Occasion) async {
        var brought: JSONWebKeySet?
        do {
            brought = try await read(owner.address, at: occasion.now)
        } catch {
            usage.record(
                owner.unavailability(error.reason), of: owner.tenant, on: occasion)
        }
        table.withLock { [brought] table in
            var known = table[owner] ?? Known()
            known.end(brought, at: occasion.now)
            table[owner] = known
        }
    }

    /// Why there are no keys: a word of ours, and nothing that the other server said.
    private struct Unavailable: Error {
        let reason: String
    }

    /// Asks for the key set, and takes only what says that it is one.
    private func read(
        _ address: OutboundAddress, at now: Timestamp
    ) async throws(Unavailable) -> JSONWebKeySet {
        let answer: OutboundAnswer
        do throws(OutboundFailure) {
            answer = try await outbound.get(
                OutboundRequest(
                    address, accept: "application/jwk-set+json, application/json",
                    mostBytes: Self.mostBytes),
                at: now)
        } catch {
            throw Unavailable(reason: error.rawValue)
        }
        guard answer.status == 200 else { throw Unavailable(reason: "status") }
        guard ["application/json", "application/jwk-set+json"].contains(answer.mediaType) else {
            throw Unavailable(reason: "media_type")
        }
        do throws(JOSEError) {
            return try JSONWebKeySet(parsing: answer.body, privateKeys: .skipped)
        } catch {
            throw Unavailable(reason: "content")
        }
    }
}

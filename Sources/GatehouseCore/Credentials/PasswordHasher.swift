private import CSodium
private import Synchronization

/// Hashes and checks passwords with Argon2id (RFC 9106), away from every other thread.
///
/// One hash costs 19 MiB and about 11 ms. So a few threads of its own do them, as many as the
/// memory given allows; a bounded number of requests waits for one, and the rest are told at once
/// to come back later. Passwords can therefore never take the memory or the threads that tokens
/// need; and their threads give way to all others, so that a storm of sign-ins takes the processor
/// that is left over.
package final class PasswordHasher: Sendable {
    /// Every thread is busy and enough requests wait already.
    ///
    /// Ask again later.
    package struct Busy: Error, Sendable {}

    /// Argon2id with m=19 MiB, t=2, p=1: the first choice of OWASP's password storage guidance.
    private static let memory = 19 * 1_024 * 1_024
    private static let passes: UInt64 = 2

    /// How many requests may wait for each thread: about a third of a second, or a second where
    /// the processor has much else to do.
    private static let waitingForEach = 32

    /// How long a request waits for its turn.
    ///
    /// Where the processor has so much else to do that it takes longer, the person has given up, and
    /// the hash would only take the time of those who have not.
    private let patience: Duration

    private let threads: HashingThreads
    /// How many hashes wait or are under way.
    private let pending = Atomic<Int>(0)
    private let pendingLimit: Int
    /// A hash that no password fits, to be checked where a user has none.
    private let decoy: PasswordHash

    /// Makes a hasher.
    ///
    /// The memory is how many MiB all hashes together may take; the threads are the most hashes at a
    /// time whatever the memory, since more than there are cores is no gain; the patience is how long
    /// a request waits for its turn.
    package init(memory: Int, threads: Int, patience: Duration = .seconds(5)) throws {
        guard sodium_init() >= 0 else { throw HashingFailed() }
        let width = max(1, min(threads, memory / 19))
        self.threads = HashingThreads(width)
        pendingLimit = width * Self.waitingForEach
        self.patience = patience
        let random = Random.bytes(32)
        decoy = try Self.hash(random)
    }

    deinit {
        threads.end()
    }

    /// Tells at once who would not get a turn, before anything is done for them.
    package func requireRoom() throws(Busy) {
        guard pending.load(ordering: .relaxed) < pendingLimit else { throw Busy() }
    }

    package func hash(_ password: Password) async throws -> PasswordHash {
        try await run { try Self.hash(password.bytes) }
    }

    /// True if the password fits the hash.
    ///
    /// Where there is no hash it takes as long to say no, so that the time does not tell whether a
    /// user exists (ASVS 6.3.8).
    package func isValid(_ password: Password, for hash: PasswordHash?) async throws -> Bool {
        let stored = hash ?? decoy
        let fits = try await run { Self.verify(password.bytes, stored.text) }
        return fits && hash != nil
    }

    /// True if the hash was made with other parameters than those of today.
    package func isOutdated(_ hash: PasswordHash) -> Bool {
        unsafe crypto_pwhash_str_needs_rehash(hash.text, Self.passes, Self.memory) != 0
    }

    private func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        guard pending.add(1, ordering: .relaxed).newValue <= pendingLimit else {
            pending.subtract(1, ordering: .relaxed)
            throw Busy()
        }
        let asked = ContinuousClock.now
        return try await withCheckedThrowingContinuation { continuation in
            threads.run { [self] in
                let result = Result {
                    guard ContinuousClock.now - asked <= patience else { throw Busy() }
                    return try work()
                }
                pending.subtract(1, ordering: .relaxed)
                continuation.resume(with: result)
            }
        }
    }

    private struct HashingFailed: Error {}

    private static func hash(_ password: [UInt8]) throws -> PasswordHash {
        var text = [CChar](repeating: 0, count: Int(crypto_pwhash_STRBYTES))
        let characters = password.map { CChar(bitPattern: $0) }
        guard
            unsafe crypto_pwhash_str_alg(
                &text, characters, UInt64(characters.count), passes, memory,
                crypto_pwhash_ALG_ARGON2ID13) == 0
        else { throw HashingFailed() }
        let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return PasswordHash(stored: String(decoding: bytes, as: UTF8.self))
    }

    private static func verify(_ password: [UInt8], _ hash: String) -> Bool {
        let characters = password.map { CChar(bitPattern: $0) }
        return unsafe crypto_pwhash_str_verify(hash, characters, UInt64(characters.count)) == 0
    }
}

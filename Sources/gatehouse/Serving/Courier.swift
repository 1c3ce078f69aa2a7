import GatehouseCore
import GatehouseWeb
import Logging
import Synchronization

/// Tells clients what they wait to hear: looks several times a second for whom to tell, and asks as
/// many servers at once as it has room for.
struct Courier: Sendable {
    let deliveries: TellClients
    let logger: Logger

    /// How many clients are told at once.
    private static let most = 16

    /// Works until the job is cancelled; `every` does something again and again until then.
    func run(
        _ every: (Duration, () async throws -> Void) async -> Void
    ) async {
        let underWay = UnderWay()
        await withDiscardingTaskGroup { group in
            await every(.milliseconds(250)) {
                let room = Self.most - underWay.count
                guard room > 0 else { return }
                for delivery in try await deliveries.claim(room, at: Clock.system.now) {
                    underWay.begin()
                    group.addTask {
                        await deliver(delivery)
                        underWay.end()
                    }
                }
            }
        }
    }

    private func deliver(_ delivery: Delivery) async {
        let failure = await deliveries.attempt(delivery, at: Clock.system.now)
        // The process is ending, which is nobody's failure: the claim ends by itself.
        guard failure == nil || !Task.isCancelled else { return }
        do {
            try await deliveries.record(failure, of: delivery, at: Clock.system.now)
        } catch {
            // The claim ends by itself, and the client is told once more.
            logger.warning(
                "delivery not recorded",
                metadata: [
                    "client": .string(delivery.clientID.text), "reason": "\(error)",
                ])
        }
    }

    /// How many deliveries are under way.
    private final class UnderWay: Sendable {
        private let number = Mutex(0)

        var count: Int { number.withLock { $0 } }

        func begin() { number.withLock { $0 += 1 } }
        func end() { number.withLock { $0 -= 1 } }
    }
}

import GatehouseCore
import GatehouseWeb
import Logging
import ServiceLifecycle

/// What is done beside requests: writing down usage every second, removing what expired every
/// minute.
struct BackgroundJobs: Service {
    let gatehouse: Gatehouse
    let logger: Logger

    func run() async throws {
        let holder = Event.ID(at: Clock.system.now).text
        let removal = RemoveExpired(database: gatehouse.database, holder: holder)
        await cancelWhenGracefulShutdown {
            var round = 0
            while !Task.isCancelled {
                do {
                    try await Task.sleep(for: .seconds(1))
                } catch {
                    return
                }
                await attempt("record usage") {
                    try await gatehouse.usage.flush(to: gatehouse.database)
                }
                round += 1
                guard round.isMultiple(of: 60) else { continue }
                await attempt("remove expired rows") {
                    while try await removal.run(at: Clock.system.now), !Task.isCancelled {}
                }
            }
        }
    }

    private func attempt(_ what: String, _ work: () async throws -> Void) async {
        do {
            try await work()
        } catch {
            logger.warning(
                "background job failed", metadata: ["job": .string(what), "reason": "\(error)"])
        }
    }
}

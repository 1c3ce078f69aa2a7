import GatehouseCore
import GatehouseSQL
import GatehouseWeb
import Logging
import ServiceLifecycle

/// What is done beside requests: confirming what the registry holds several times a second and
/// whenever another node tells of a change, looking for what resource servers that follow are to be
/// told, writing down usage and refused requests every second, sealing events as often, telling
/// clients what they wait to hear as soon as it is so, sending letters, removing what expired every
/// minute, looking after the domains of tenants.
struct BackgroundJobs: Service {
    let gatehouse: Gatehouse
    let logger: Logger

    func run() async throws {
        let holder = Event.ID(at: Clock.system.now).text
        // Looked at now: the clock may be set before rows are removed for the first time.
        let atStart = (now: millisecondsNow(), uptime: millisecondsOfUptime())
        gatehouse.database.onAnnouncedChange { [gatehouse] in
            // What goes wrong here goes wrong again, and is told, in the next round.
            Task { try? await gatehouse.registry.confirm(at: Clock.system.now) }
            // The same.
            Task { try? await readChanges() }
        }
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { jobs in
                jobs.addTask {
                    await every(.milliseconds(300), "confirm the registry") {
                        try await gatehouse.registry.confirm(at: Clock.system.now)
                    }
                }
                jobs.addTask {
                    await every(.seconds(1), "record usage") {
                        try await gatehouse.usage.flush(to: gatehouse.database)
                    }
                }
                jobs.addTask {
                    await every(.seconds(1), "record refused requests") {
                        try await gatehouse.refusedRequests.flush()
                    }
                }
                jobs.addTask { await sealEvents(as: holder) }
                jobs.addTask { await tellClients() }
                jobs.addTask { await sendInvitations() }
                jobs.addTask {
                    await every(.milliseconds(250), "read the change feed", readChanges)
                }
                jobs.addTask { await lookAfterDomains(as: holder) }
                jobs.addTask { await removeExpired(as: holder, since: atStart) }
            }
        }
    }

    private func readChanges() async throws {
        while try await gatehouse.changeFeed.read(at: Clock.system.now) {}
    }

    private func sealEvents(as holder: String) async {
        let lease = SealEvents.lease(holder)
        await every(.seconds(1), "seal events") {
            while try await gatehouse.sealEvents.run(by: lease, at: Clock.system.now),
                !Task.isCancelled
            {}
        }
    }

    private func tellClients() async {
        let courier = Courier(deliveries: gatehouse.tellClients, logger: logger)
        await courier.run { pause, work in await every(pause, "tell clients", work) }
    }

    /// Sends the letters of invitations, one after another: a relay takes many in a second, and what
    /// must wait for it waits in the database.
    private func sendInvitations() async {
        guard let sending = gatehouse.sendInvitations else {
            return await every(.seconds(60), "send letters") {
                let waiting = try await SendInvitations.waiting(
                    in: gatehouse.database, at: Clock.system.now)
                if waiting > 0 { throw NoRelay() }
            }
        }
        await every(.milliseconds(500), "send letters") {
            for letter in try await sending.claim(8, at: Clock.system.now) {
                let now = Clock.system.now
                let failure = try await sending.send(
                    letter, on: Occasion(now: now, requestID: Event.ID(at: now).text, address: nil))
                if let failure {
                    logger.warning(
                        "letter not sent", metadata: ["reason": .string(failure.rawValue)])
                }
            }
        }
    }

    /// Removes what expired, every minute, unless the clock cannot be believed.
    private func removeExpired(
        as holder: String, since atStart: (now: Int64, uptime: Int64)
    ) async {
        let removal = RemoveExpired(database: gatehouse.database, holder: holder)
        var clock: ClockWatch?
        await every(.seconds(60), "remove expired rows") {
            let (now, uptime) = (millisecondsNow(), millisecondsOfUptime())
            var watch: ClockWatch
            if let clock {
                watch = clock
            } else {
                watch = ClockWatch(
                    now: atStart.now, uptime: atStart.uptime,
                    lastUse: try await removal.lastRun()?.milliseconds)
            }
            let isTrusted = watch.trusts(now: now, uptime: uptime)
            clock = watch
            guard isTrusted else { throw ClockWasSet() }
            while try await removal.run(at: Clock.system.now), !Task.isCancelled {}
        }
    }

    /// Looks whether domains that are due still are their tenants'.
    private func lookAfterDomains(as holder: String) async {
        let recheck = gatehouse.recheckDomains(as: holder)
        await every(.seconds(600), "look after domains") {
            let now = Clock.system.now
            try await recheck.run(
                on: Occasion(now: now, requestID: Event.ID(at: now).text, address: nil))
        }
    }

    /// Does something again and again until the job is cancelled, and tells once when it begins to
    /// fail.
    private func every(
        _ pause: Duration, _ what: String, _ work: () async throws -> Void
    ) async {
        var isFailing = false
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: pause)
            } catch {
                return
            }
            do {
                try await work()
                isFailing = false
            } catch {
                if !isFailing {
                    logger.warning(
                        "background job failed",
                        metadata: ["job": .string(what), "reason": "\(error)"])
                }
                isFailing = true
            }
        }
    }
}

/// Letters wait, and nobody sends them.
private struct NoRelay: Error, CustomStringConvertible {
    var description: String { "letters wait, and there is no mail-server to take them" }
}

/// The clock says something that cannot be believed at once: nothing is removed until it has gone on
/// like that for a day.
private struct ClockWasSet: Error, CustomStringConvertible {
    var description: String {
        "the clock was set by more than an hour, or was wrong; removing nothing for a day"
    }
}

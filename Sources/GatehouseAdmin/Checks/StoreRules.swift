import GatehouseCore
import GatehouseWeb

/// Whether what is stored stays, and what has to be done to it is done.
enum StoreRules {
    private static let mebibyte: Int64 = 1 << 20
    /// How far two clocks may be apart: signatures and times of tokens bear a few seconds.
    private static let tolerance = Lifetime.seconds(2)
    /// How long what is done every second, or every minute, may be late.
    private static let lateness = Lifetime.minutes(10)

    static func look(_ situation: InstallationSituation) -> [Finding] {
        (room(situation) + durability(situation) + clock(situation) + jobs(situation))
            .orFine("store", "\(situation.facts.database) keeps what is committed.")
    }

    private static func room(_ situation: InstallationSituation) -> [Finding] {
        guard let room = situation.found.room else { return [] }
        let words = "\(room.free / mebibyte) of \(room.all / mebibyte) MiB are free on its disk."
        let advice = "Make room: when the disk is full, nobody can sign in."
        if room.free < 256 * mebibyte { return [.failure("disk_full", words, advice)] }
        let isScarce = room.free < room.all / 20 && room.free < 10 * 1_024 * mebibyte
        return isScarce ? [.warning("disk_nearly_full", words, advice)] : []
    }

    private static func durability(_ situation: InstallationSituation) -> [Finding] {
        let settings = situation.found.unsafeSettings
        guard !settings.isEmpty else { return [] }
        return [
            .failure(
                "commits_not_durable",
                "A power cut loses what was committed, by \(settings.joined(separator: ", ")): a "
                    + "token that was revoked would be good again.",
                "Turn these settings of PostgreSQL on, and restart it.")
        ]
    }

    private static func clock(_ situation: InstallationSituation) -> [Finding] {
        guard let theirs = situation.found.databaseTime else { return [] }
        let apart = abs(theirs.milliseconds - situation.now.milliseconds)
        guard apart > tolerance.seconds * 1_000 else { return [] }
        return [
            .warning(
                "clocks_apart",
                "The clocks of this machine and of the database are \(apart / 1_000) s apart.",
                "Have both set their clocks by NTP.")
        ]
    }

    private static func jobs(_ situation: InstallationSituation) -> [Finding] {
        let (found, now) = (situation.found, situation.now)
        // Nobody does them where nobody serves, and who just began has not come to them.
        guard let serving = situation.facts.serving, serving.startedAt + lateness < now else {
            return []
        }
        var late: [Finding] = []
        if let oldest = found.oldestUnsealed, oldest + lateness < now {
            late.append(
                .failure(
                    "events_not_sealed",
                    "Events since \(CalendarTime(oldest).timestamp) have no place in the audit "
                        + "trail: they could be changed without a trace.",
                    "Look in the log for “background job failed”."))
        }
        if found.removalLease.map({ $0 + lateness < now }) ?? true {
            late.append(
                .warning(
                    "expired_not_removed",
                    "What expired is not removed: the clock was set, or the work fails.",
                    "Look in the log for “background job failed”."))
        }
        return late
    }
}

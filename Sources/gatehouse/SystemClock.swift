import GatehouseCore
import GatehouseWeb
import Glibc

extension Clock {
    /// The machine's clock.
    static let system = Clock { Timestamp(milliseconds: millisecondsNow()) }
}

/// Milliseconds since 1970, from the machine's clock.
func millisecondsNow() -> Int64 {
    var moment = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &moment)
    return Int64(moment.tv_sec) * 1_000 + Int64(moment.tv_nsec) / 1_000_000
}

/// Milliseconds since the machine started, from a clock that nobody sets.
func millisecondsOfUptime() -> Int64 {
    var moment = timespec()
    unsafe clock_gettime(CLOCK_BOOTTIME, &moment)
    return Int64(moment.tv_sec) * 1_000 + Int64(moment.tv_nsec) / 1_000_000
}

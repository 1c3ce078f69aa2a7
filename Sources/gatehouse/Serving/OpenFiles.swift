import Glibc

/// How many files, and so connections, this process may have open.
enum OpenFiles {
    /// What the database, the log, the socket and the libraries may need.
    private static let reserve = 256
    /// More connections than this serve nobody better.
    private static let mostConnections = 4_096

    /// Raises the limit as far as the system lets us, and tells how many connections fit under it.
    static func connections() -> Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return mostConnections
        }
        limit.rlim_cur = limit.rlim_max
        // Where it cannot be raised, what is there has to do.
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        _ = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let files = Int(clamping: limit.rlim_cur)
        return max(16, min(mostConnections, files - min(reserve, files / 2)))
    }
}

import Foundation
import Glibc

/// Where `gatehouse try` keeps its state: a directory of the user's own that every trial begins
/// anew.
enum TrialState {
    /// The directory.
    static var directory: String {
        let base = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        return base + "/gatehouse-try-\(getuid())"
    }

    /// True if something was tried.
    static var exists: Bool {
        FileManager.default.fileExists(atPath: directory + "/gatehouse.db")
    }

    /// Makes the directory, or makes sure that it is this user's and nobody else's.
    ///
    /// The place can be foretold, so whoever else uses the machine could have made it first: with
    /// a key of theirs, or to watch.
    static func claim() throws(CommandError) {
        if unsafe mkdir(directory, 0o700) == 0 { return }
        var status = stat()
        guard unsafe lstat(directory, &status) == 0, status.st_uid == getuid(),
            status.st_mode & S_IFMT == S_IFDIR, status.st_mode & 0o077 == 0
        else {
            throw CommandError(
                .dataDirectory,
                "\(directory) is not a directory of yours alone; set TMPDIR to such a place.")
        }
    }

    /// Removes what an earlier trial left.
    static func clear() {
        for name in [
            "gatehouse.db", "gatehouse.db-wal", "gatehouse.db-shm", "gatehouse.sock",
            "gatehouse.yaml", "instance.key",
        ] {
            unsafe unlink(directory + "/" + name)
        }
    }
}

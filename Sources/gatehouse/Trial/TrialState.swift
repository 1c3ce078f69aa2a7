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

    /// Removes what an earlier trial left.
    ///
    /// - Throws: ``CommandError`` if the directory is not this user's own.
    static func beginAnew() throws(CommandError) {
        var status = stat()
        guard unsafe lstat(directory, &status) == 0 else { return }
        guard status.st_uid == getuid(), status.st_mode & S_IFMT == S_IFDIR else {
            throw CommandError(
                .dataDirectory,
                "\(directory) belongs to someone else; set TMPDIR to a place of yours.")
        }
        for name in [
            "gatehouse.db", "gatehouse.db-wal", "gatehouse.db-shm", "instance.key",
            "gatehouse.sock",
        ] {
            unsafe unlink(directory + "/" + name)
        }
    }
}

import Foundation
package import GatehouseSQL

/// Holds a data directory, so that no second process writes to the database in it.
///
/// SQLite itself would let two processes share the file, but they would not share what this
/// process keeps in memory. The lock ends with the object, and also with the process, however it
/// dies.
package final class DataDirectoryLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock at once or not at all.
    ///
    /// - Throws: ``DatabaseError/unusable(_:)`` if another process holds it, with the process's
    ///   number, or if the directory cannot be written.
    package init(directory: String) throws(DatabaseError) {
        let path = directory + "/gatehouse.lock"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw .unusable(
                "The lock \(path) cannot be opened: \(String(cString: strerror(errno))).")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let holder = Self.holder(descriptor)
            close(descriptor)
            throw .unusable("The data directory \(directory) is in use by \(holder).")
        }
        let text = "\(getpid())\n"
        guard ftruncate(descriptor, 0) == 0,
            pwrite(descriptor, text, text.utf8.count, 0) == text.utf8.count
        else {
            close(descriptor)
            throw .unusable("The lock \(path) cannot be written.")
        }
    }

    deinit {
        close(descriptor)
    }

    private static func holder(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 20)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        let digits = bytes.prefix(max(count, 0)).prefix { (0x30...0x39).contains($0) }
        return digits.isEmpty
            ? "another process" : "process \(String(decoding: digits, as: UTF8.self))"
    }
}

package import GatehouseSQL
import Glibc

extension SQLiteDatabase {
    /// Whether commits are durable was made sure of when the file was opened.
    package func condition() async throws -> DatabaseCondition {
        DatabaseCondition(time: nil, unsafeSettings: [], space: space)
    }

    private var space: DatabaseCondition.Space? {
        var found = statvfs()
        guard unsafe statvfs(path, &found) == 0 else { return nil }
        let unit = Int64(clamping: found.f_frsize)
        return DatabaseCondition.Space(
            free: Self.bytes(found.f_bavail, unit), all: Self.bytes(found.f_blocks, unit))
    }

    private static func bytes(_ blocks: UInt, _ unit: Int64) -> Int64 {
        let (bytes, isTooMuch) = Int64(clamping: blocks).multipliedReportingOverflow(by: unit)
        return isTooMuch ? .max : bytes
    }
}

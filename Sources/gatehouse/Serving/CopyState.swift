import Foundation
import GatehouseSQLite

extension OpenInstance {
    /// Copies the whole state to a directory that can be served from then on; nil on PostgreSQL.
    var copyState: (@Sendable (String) async throws -> Void)? {
        guard let sqlite, let data = settings.data else { return nil }
        return { directory in
            let files = FileManager.default
            let key = directory + "/instance.key"
            let database = directory + "/gatehouse.db"
            do {
                try files.createDirectory(
                    atPath: directory, withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700])
            } catch {
                throw CommandError(
                    .dataDirectory,
                    "\(directory) cannot be made: \((error as NSError).localizedDescription)")
            }
            guard !files.fileExists(atPath: key), !files.fileExists(atPath: database) else {
                throw CommandError(.conflict, "\(directory) holds an installation already.")
            }
            do {
                try files.copyItem(atPath: data + "/instance.key", toPath: key)
            } catch {
                throw CommandError(.dataDirectory, "The instance key cannot be copied to \(key).")
            }
            do {
                try await sqlite.copy(to: database)
            } catch {
                // Half a copy would only be in the way of the next attempt.
                for path in [key, database, database + "-wal", database + "-shm"] {
                    unsafe unlink(path)
                }
                throw error
            }
        }
    }
}

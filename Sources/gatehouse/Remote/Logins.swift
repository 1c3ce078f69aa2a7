import Foundation
import GatehouseEncoding
import Glibc

/// The installations elsewhere that somebody has logged in to, by names, in a file of theirs.
struct Logins {
    /// The name that stands where none is given.
    static let usual = "default"

    private let path: String

    /// The file in the directory for settings of the person who runs the command.
    init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        let directory =
            environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
            ?? (environment["HOME"] ?? "/root") + "/.config"
        path = directory + "/gatehouse/logins.json"
    }

    /// The installation of a name; nil if there is none.
    func find(_ name: String) throws -> RemoteInstallation? {
        guard let login = try all()[name] else { return nil }
        guard let server = login["server"]?.string, let key = login["key"]?.string else {
            throw CommandError(.failed, "The file \(path) cannot be understood.")
        }
        return try RemoteInstallation(server: server, key: key)
    }

    /// Keeps an installation under a name, in the place of one that had it.
    func keep(_ installation: RemoteInstallation, as name: String) throws {
        var logins = try all()
        logins.remove(name)
        logins.add(
            name, ["server": .string(installation.server), "key": .string(installation.key)])
        try write(logins)
    }

    /// Forgets a login; false if there is none of that name.
    func forget(_ name: String) throws -> Bool {
        var logins = try all()
        guard logins[name] != nil else { return false }
        logins.remove(name)
        try write(logins)
        return true
    }

    private func all() throws -> JSONObject {
        guard let content = FileManager.default.contents(atPath: path) else { return [:] }
        do {
            return try JSONObject(parsing: Array(content))
        } catch {
            throw CommandError(.failed, "The file \(path) cannot be understood.")
        }
    }

    /// Writes the file for its owner alone, in one step.
    private func write(_ logins: JSONObject) throws {
        umask(0o077)
        let directory = (path as NSString).deletingLastPathComponent
        let next = path + ".new"
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw CommandError(
                .failed, "The directory \(directory) cannot be made: \(error.localizedDescription)")
        }
        let isWritten = FileManager.default.createFile(
            atPath: next, contents: Data(logins.serialized()),
            attributes: [.posixPermissions: 0o600])
        guard isWritten, unsafe rename(next, path) == 0 else {
            throw CommandError(.failed, "The file \(path) cannot be written.")
        }
    }
}

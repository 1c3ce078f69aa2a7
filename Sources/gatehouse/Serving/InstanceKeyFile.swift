import Foundation
import GatehouseCore
import GatehouseEncoding

/// Finds the instance key, or makes it where everything is new.
struct InstanceKeySource {
    let settings: Settings
    /// True if there is no database yet, so that there can be no key either.
    let isNew: Bool

    /// A key, and the file that was made for it, if it was made.
    struct Found {
        let key: InstanceKey
        let createdFile: String?
    }

    func find() throws(CommandError) -> Found {
        if let bytes = settings.instanceKey, let key = InstanceKey(bytes) {
            return Found(key: key, createdFile: nil)
        }
        guard let path = settings.instanceKeyFile ?? settings.data.map({ $0 + "/instance.key" })
        else {
            throw CommandError(
                .wrongUse, "No instance key: give --data, --instance-key-file or the key itself.")
        }
        if FileManager.default.fileExists(atPath: path) {
            return Found(key: try read(path), createdFile: nil)
        }
        guard isNew, settings.instanceKeyFile == nil else {
            throw CommandError(
                .instanceKey,
                "The instance key file \(path) is missing; restore it from your backup.")
        }
        return try create(path)
    }

    private func read(_ path: String) throws(CommandError) -> InstanceKey {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {  // said below
            throw CommandError(.instanceKey, "The instance key file \(path) cannot be read.")
        }
        let line = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard let bytes = Base64.decode(line), let key = InstanceKey(bytes) else {
            throw CommandError(
                .instanceKey, "The instance key file \(path) does not hold 32 bytes in base64.")
        }
        return key
    }

    private func create(_ path: String) throws(CommandError) -> Found {
        let bytes = Random.bytes(32)
        guard let key = InstanceKey(bytes),
            FileManager.default.createFile(
                atPath: path, contents: Data((Base64.encode(bytes) + "\n").utf8),
                attributes: [.posixPermissions: 0o600])
        else {
            throw CommandError(.dataDirectory, "The instance key \(path) cannot be written.")
        }
        return Found(key: key, createdFile: path)
    }
}

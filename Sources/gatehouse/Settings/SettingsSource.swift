import Foundation
import Yams

/// The settings as they were written: flags before environment before file, with all that is wrong
/// with them.
struct SettingsSource {
    /// A value and where it stands.
    struct Entry {
        let value: String
        let origin: String
    }

    private(set) var entries: [SettingKey: Entry] = [:]
    private(set) var problems: [String] = []

    /// Reads all three places.
    ///
    /// - Parameters:
    ///   - flags: What the command line said.
    ///   - environment: The process's environment.
    ///   - file: The file that the command line or the environment named.
    init(flags: [SettingKey: String], environment: [String: String], file: String?) {
        let named = file ?? environment["GATEHOUSE_CONFIG"]
        for (key, value) in flags {
            entries[key] = Entry(value: value, origin: "--\(key.rawValue)")
        }
        read(environment)
        if let named {
            read(file: named, isOptional: false)
        } else if let data = entries[.data]?.value {
            read(file: data + "/gatehouse.yaml", isOptional: true)
        }
    }

    private mutating func read(_ environment: [String: String]) {
        let known = Dictionary(
            uniqueKeysWithValues: SettingKey.allCases.map { ($0.environmentName, $0) })
        for (name, value) in environment.sorted(by: { $0.key < $1.key })
        where name.hasPrefix("GATEHOUSE_") && !Self.isForeign(name) {
            guard let key = known[name] else {
                problems.append("The environment variable \(name) is not a setting.")
                continue
            }
            if entries[key] == nil { entries[key] = Entry(value: value, origin: name) }
        }
    }

    /// Variables that are no settings of an installation: the file's own, those that say which
    /// installation elsewhere is meant, those of the tests, and those that Kubernetes sets for a
    /// service called gatehouse.
    private static func isForeign(_ name: String) -> Bool {
        ["GATEHOUSE_CONFIG", RemoteInstallation.placeName, RemoteInstallation.keyName].contains(
            name)
            || name.hasPrefix("GATEHOUSE_TEST_")
            || name.hasPrefix("GATEHOUSE_SERVICE_") || name == "GATEHOUSE_PORT"
            || name.hasPrefix("GATEHOUSE_PORT_")
    }

    private mutating func read(file path: String, isOptional: Bool) {
        guard FileManager.default.fileExists(atPath: path) else {
            if !isOptional { problems.append("The settings file \(path) does not exist.") }
            return
        }
        do {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            guard let node = try Yams.compose(yaml: text) else { return }
            guard case .mapping(let mapping) = node else {
                problems.append("The settings file \(path) is not a list of “name: value”.")
                return
            }
            var seen: Set<String> = []
            for (name, value) in mapping { read(name, value, in: path, &seen) }
        } catch {
            problems.append("The settings file \(path) cannot be read: \(Self.reason(error))")
        }
    }

    private mutating func read(
        _ name: Node, _ value: Node, in path: String, _ seen: inout Set<String>
    ) {
        let line = name.mark.map { ", line \($0.line)" } ?? ""
        guard let text = name.string, let key = SettingKey(rawValue: text) else {
            problems.append("“\(name.string ?? "?")” (\(path)\(line)) is not a setting.")
            return
        }
        guard seen.insert(text).inserted else {
            problems.append("“\(text)” stands twice in \(path).")
            return
        }
        guard let scalar = value.scalar?.string else {
            problems.append("“\(text)” (\(path)\(line)) must be a single value.")
            return
        }
        if entries[key] == nil { entries[key] = Entry(value: scalar, origin: "\(path)\(line)") }
    }

    /// Where the file is wrong, and nothing of what stands in it: it may hold secrets.
    private static func reason(_ error: any Error) -> String {
        switch error {
        case YamlError.scanner(_, _, let mark, _), YamlError.parser(_, _, let mark, _),
            YamlError.composer(_, _, let mark, _):
            "it is not YAML (line \(mark.line))."
        case YamlError.duplicatedKeysInMapping(let names, _):
            "\(names.map { "“\($0)”" }.joined(separator: ", ")) stands twice."
        case is YamlError: "it is not YAML."
        default: (error as NSError).localizedDescription
        }
    }
}

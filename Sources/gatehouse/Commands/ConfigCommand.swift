import Foundation
import ArgumentParser
import GatehouseEncoding

/// Commands on the settings.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Check and print the settings.",
        subcommands: [Check.self, Print.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Report everything that is wrong with the settings.")
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var serving: ServingOptions

        func run() throws {
            _ = try instance.settings(serving.flags)
            Swift.print("The settings are right.")
        }
    }

    struct Print: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "print",
            abstract: "Print the settings that were given, where each stands, and no secret.")
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var serving: ServingOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let source = instance.source(serving.flags)
            _ = try Settings(source)
            let rows = SettingKey.allCases.compactMap { key in
                source.entries[key].map { entry in
                    JSONValue.object(
                        JSONObject([
                            ("setting", .string(key.rawValue)),
                            ("value", .string(key.redacted(entry.value))),
                            ("from", .string(entry.origin)),
                        ]))
                }
            }
            Output(output).print(.array(rows))
        }
    }
}

extension SettingKey {
    /// The value as it may be shown: no key, and of an address only user, host and name.
    ///
    /// A password may stand before the host, with any character but a slash in it, and also in the
    /// query.
    func redacted(_ value: String) -> String {
        if isSecret { return "‹secret›" }
        guard self == .database, let scheme = value.range(of: "://") else { return value }
        let rest = value[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" }
        let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        let user = authority.contains("@") ? authority.prefix { $0 != ":" && $0 != "@" } + "@" : ""
        let path = rest.dropFirst(authority.count).prefix { $0 != "?" }
        let place = host.prefix { $0 != "?" }
        return value[..<scheme.upperBound] + user + place + path
            + (rest.contains("?") ? "?…" : "")
    }
}

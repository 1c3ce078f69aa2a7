import ArgumentParser
import Foundation
import GatehouseEncoding

/// Commands on the settings.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Check and print the settings.",
        subcommands: [Check.self, Print.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Report everything that is wrong with the settings.")
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var serving: ServingOptions

        func run() throws {
            _ = try instance.settings(serving.flags)
            Swift.print("The settings are right.")
        }
    }

    struct Print: ParsableCommand {
        static let configuration = CommandConfiguration(
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
    /// The value as it may be shown: without keys, and without a password in an address.
    func redacted(_ value: String) -> String {
        if isSecret { return "‹secret›" }
        guard self == .database, let scheme = value.range(of: "://"),
            let at = value.range(of: "@", options: .backwards), scheme.upperBound < at.lowerBound
        else { return value }
        let user = value[scheme.upperBound..<at.lowerBound].prefix { $0 != ":" }
        return value[..<scheme.upperBound] + user + ":‹secret›" + value[at.lowerBound...]
    }
}

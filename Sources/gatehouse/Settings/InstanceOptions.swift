import ArgumentParser
import Foundation

/// The flags of every command that works on an installation.
struct InstanceOptions: ParsableArguments {
    @Option(help: "The data directory.")
    var data: String?

    @Option(help: "A PostgreSQL database, such as postgres://user@host/name.")
    var database: String?

    @Option(help: "The address that this installation is reached at from outside.")
    var baseURL: String?

    @Option(help: "The file that holds the instance key.")
    var instanceKeyFile: String?

    @Option(help: "A settings file in YAML.")
    var config: String?

    @Option(help: "What is logged: debug, info, warning or error.")
    var logLevel: String?

    @Option(
        help: """
            An installation elsewhere: what “gatehouse login” calls it, or its https address, with an \
            administrator key in GATEHOUSE_ADMINISTRATOR_KEY.
            """)
    var at: String?

    /// The installation elsewhere that is meant; nil if it is one on this machine.
    ///
    /// What is named on the command line comes first, then what is here, then what the environment
    /// names, then the usual login.
    func remote() throws -> RemoteInstallation? {
        let environment = ProcessInfo.processInfo.environment
        if let at { return try RemoteInstallation(at: at, environment) }
        let settings = try settings()
        guard settings.data == nil, settings.database == nil else { return nil }
        if let place = environment[RemoteInstallation.placeName] {
            return try RemoteInstallation(at: place, environment)
        }
        return try Logins(environment: environment).find(Logins.usual)
    }

    /// What was given, by setting.
    var flags: [SettingKey: String] {
        [
            .data: data, .database: database, .baseURL: baseURL,
            .instanceKeyFile: instanceKeyFile, .logLevel: logLevel,
        ].compactMapValues { $0 }
    }

    /// The settings from these flags and more, the environment and the file.
    func source(_ more: [SettingKey: String] = [:]) -> SettingsSource {
        SettingsSource(
            flags: flags.merging(more) { _, new in new },
            environment: ProcessInfo.processInfo.environment, file: config)
    }

    func settings(_ more: [SettingKey: String] = [:]) throws -> Settings {
        try Settings(source(more))
    }
}

/// The flags of every command that prints a result.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print JSON, also on a terminal.")
    var json = false
}

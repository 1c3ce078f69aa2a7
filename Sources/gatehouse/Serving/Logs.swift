import GatehouseWeb
import Logging

/// Starts the log of the process: to standard error, as text for people or JSON for machines.
enum Logs {
    static func start(_ settings: Settings) -> Logger {
        let isText =
            switch settings.logFormat {
            case .text: true
            case .json: false
            case .auto: LogSink.isTerminal
            }
        LoggingSystem.bootstrap { label in
            guard isText else {
                return JSONLogOutput(
                    label: label, level: settings.logLevel, sink: .standardError,
                    now: millisecondsNow)
            }
            return TextLogOutput(
                level: settings.logLevel, isColored: LogSink.showsColors, sink: .standardError,
                now: millisecondsNow)
        }
        return Logger(label: "gatehouse")
    }
}

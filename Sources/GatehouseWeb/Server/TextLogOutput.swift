package import Logging

/// Writes each log event as one short line, for a person at a terminal.
package struct TextLogOutput: LogHandler {
    /// Metadata of every event.
    package var metadata: Logger.Metadata = [:]
    /// Metadata of the task that logs.
    package var metadataProvider: Logger.MetadataProvider?
    /// Events below this level are dropped.
    package var logLevel: Logger.Level

    private let isColored: Bool
    private let sink: LogSink
    private let now: @Sendable () -> Int64

    /// Makes an output; `now` is the time in milliseconds since 1970.
    ///
    /// For standard error, `isColored` is ``LogSink/showsColors``.
    package init(
        level: Logger.Level, isColored: Bool, sink: LogSink, now: @escaping @Sendable () -> Int64
    ) {
        logLevel = level
        self.isColored = isColored
        self.sink = sink
        self.now = now
    }

    /// Reads or writes metadata of every event.
    package subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes the event.
    package func log(event: LogEvent) {
        let timestamp = LogText.timestamp(milliseconds: now())
        let time = String(decoding: timestamp.utf8.dropFirst(11).prefix(8), as: UTF8.self)
        let fields = LogFields(event, logger: metadata, provider: metadataProvider)
        let details = fields.sorted.map {
            " \(colored(LogText.plain($0.name) + "=", 2))\(Self.value($0.value.description))"
        }.joined()
        let message = LogText.plain(event.message.description)
        let line = "\(colored(time, 2)) \(level(event.level)) \(message)\(details)\n"
        sink.write(Array(line.utf8))
    }

    /// Eight characters wide, the longest name of a level being `critical`.
    private func level(_ level: Logger.Level) -> String {
        let width = 8
        let name = level.rawValue
        let padded = name + String(repeating: " ", count: max(0, width - name.utf8.count))
        return switch level {
        case .critical, .error: colored(padded, 31)
        case .warning: colored(padded, 33)
        case .info, .notice: colored(padded, 32)
        case .debug, .trace: colored(padded, 2)
        }
    }

    /// Wraps the text in an SGR sequence (ECMA-48 §8.3.117).
    private func colored(_ text: String, _ code: Int) -> String {
        isColored ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }

    /// The value, between quotation marks when it could be read as more than one.
    private static func value(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.unicodeScalars.allSatisfy {
                !LogText.isUnsafe($0) && $0 != " " && $0 != "\"" && $0 != "\\" && $0 != "="
            }
        return isPlain ? text : LogText.quoted(text)
    }
}

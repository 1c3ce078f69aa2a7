package import Logging

/// Writes each log event as one JSON object on one line, for whatever collects logs.
///
/// `time` (RFC 3339, UTC), `level`, `label` and `message` come first; the metadata follows at
/// the top level, where OpenTelemetry expects `trace_id` and `span_id`. Metadata under one of
/// the four names is printed as `metadata.time` and so on.
package struct JSONLogOutput: LogHandler {
    /// Metadata of every event.
    package var metadata: Logger.Metadata = [:]
    /// Metadata of the task that logs.
    package var metadataProvider: Logger.MetadataProvider?
    /// Events below this level are dropped.
    package var logLevel: Logger.Level

    private let label: String
    private let sink: LogSink
    private let now: @Sendable () -> Int64

    private static let reserved = ["time", "level", "label", "message"]

    /// Makes an output; `now` is the time in milliseconds since 1970.
    package init(
        label: String, level: Logger.Level, sink: LogSink, now: @escaping @Sendable () -> Int64
    ) {
        self.label = label
        logLevel = level
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
        let fields = LogFields(event, logger: metadata, provider: metadataProvider)
        let members =
            [
                ("time", LogText.quoted(LogText.timestamp(milliseconds: now()))),
                ("level", LogText.quoted(event.level.rawValue)),
                ("label", LogText.quoted(label)),
                ("message", LogText.quoted(event.message.description)),
            ] + fields.sorted.map { (Self.unreserved($0.name), Self.json($0.value)) }
        let object = members.map { "\(LogText.quoted($0)):\($1)" }.joined(separator: ",")
        sink.write(Array("{\(object)}\n".utf8))
    }

    private static func unreserved(_ name: String) -> String {
        reserved.contains { $0.utf8.elementsEqual(name.utf8) } ? "metadata.\(name)" : name
    }

    private static func json(_ value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let text): return LogText.quoted(text)
        case .stringConvertible(let value as any FixedWidthInteger): return "\(value)"
        case .stringConvertible(let value): return LogText.quoted(value.description)
        case .array(let values): return "[\(values.map(json).joined(separator: ","))]"
        case .dictionary(let members):
            let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            let texts = sorted.map { "\(LogText.quoted($0.key)):\(json($0.value))" }
            return "{\(texts.joined(separator: ","))}"
        }
    }
}

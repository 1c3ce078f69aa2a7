import Logging

/// The metadata of one log event, from all its sources, in the order of their names.
struct LogFields {
    let sorted: [(name: String, value: Logger.MetadataValue)]

    /// Joins what the logger, the task and the call say; the later wins.
    init(_ event: LogEvent, logger: Logger.Metadata, provider: Logger.MetadataProvider?) {
        var all = logger
        if let provided = provider?.get() { all.merge(provided) { $1 } }
        if let own = event.metadata { all.merge(own) { $1 } }
        if let error = event.error { all["error"] = .string(String(reflecting: error)) }
        sorted =
            all.map { (Self.name($0.key), $0.value) }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// The key as it is printed: Hummingbird's name of the request id gives way to ours.
    private static func name(_ key: String) -> String {
        key.utf8.elementsEqual(EdgeContext.requestIDKey.utf8) ? "request_id" : key
    }
}

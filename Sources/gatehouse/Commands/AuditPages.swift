import GatehouseAdmin
import GatehouseCore
import GatehouseEncoding

/// Fetches an export page by page, and hands each line on before it asks for more.
struct AuditPages {
    let runner: OperationRunner
    let tenant: String
    let period: AuditCommand.Period
    /// Whether the trail is to tell of the export.
    let isRecorded: Bool

    /// What was fetched.
    struct Fetched {
        var from: Int64
        var to: Int64
        var events: Int64 = 0
        /// The trail does not end where the installation signed that it does.
        var isAltered: Bool
    }

    /// Fetches it all, from the header to the end.
    func fetch(_ line: (String) throws -> Void) async throws -> Fetched {
        let beginning = try await perform(.beginExport, period.arguments)
        guard let first = beginning["line"]?.string, let header = beginning["header"]?.string,
            let from = beginning["from"]?.integer, let to = beginning["to"]?.integer
        else { throw Self.unexpected }
        try line(first)
        var fetched = Fetched(
            from: from, to: to, isAltered: beginning["altered"]?.bool ?? false)
        var (lines, last) = (Int64(1), from - 1)
        while last < to {
            let page = try await perform(
                .pageOfExport, [("after", .integer(last)), ("to", .integer(to))])
            guard let found = page["lines"]?.strings, let next = page["last"]?.integer else {
                throw Self.unexpected
            }
            // Nothing is left, although the end was not reached: somebody took it away.
            if found.isEmpty { break }
            for text in found { try line(text) }
            lines += Int64(found.count)
            last = next
            fetched.events += Int64(found.count { Self.isEvent($0) })
        }
        let end = try await perform(
            .endExport,
            [
                ("header", .string(header)), ("from", .integer(from)), ("to", .integer(to)),
                ("lines", .integer(lines)), ("recorded", .bool(isRecorded)),
            ])
        guard let text = end["line"]?.string else { throw Self.unexpected }
        try line(text)
        return fetched
    }

    /// Whether a line is an event, by how such a line begins.
    static func isEvent(_ line: String) -> Bool { line.hasPrefix(#"{"type":"event","#) }

    private func perform(
        _ name: Operation.Name, _ arguments: [(String, JSONValue?)]
    ) async throws -> JSONValue {
        try await runner.perform(
            Operation(name, [("tenant", .string(tenant))] + arguments))
    }

    private static let unexpected = CommandError(
        .failed, "The server's answer cannot be understood.")
}

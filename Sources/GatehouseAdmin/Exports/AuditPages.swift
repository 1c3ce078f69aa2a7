package import GatehouseEncoding

/// Fetches an export of an audit trail page by page, each when whoever wants it is done with the one before.
package struct AuditPages: Sendable {
    /// Gets one of the operations of an export done at the tenant.
    package typealias Perform =
        @Sendable (Operation.Name, [(String, JSONValue?)]) async throws -> JSONValue

    private let period: [(String, JSONValue?)]
    private let isRecorded: Bool
    private let perform: Perform
    private var stage = Stage.beginning
    /// What was fetched until now.
    package private(set) var fetched = Fetched()

    /// How far it is.
    private enum Stage {
        case beginning
        /// The header, the number of the last event, and how many lines there were.
        case events(header: String, last: Int64, lines: Int64)
        case over
    }

    /// What was fetched.
    package struct Fetched: Sendable {
        package fileprivate(set) var from: Int64 = 0
        package fileprivate(set) var to: Int64 = 0
        package fileprivate(set) var events: Int64 = 0
        /// The trail does not end where the installation signed that it does.
        package fileprivate(set) var isAltered = false
    }

    /// The pages of a period; `isRecorded` says whether the trail is to tell of the export.
    package init(
        of period: [(String, JSONValue?)], isRecorded: Bool, perform: @escaping Perform
    ) {
        self.period = period
        self.isRecorded = isRecorded
        self.perform = perform
    }

    /// The next lines: first the header, then events, then the end; nil after that.
    ///
    /// Whatever is wrong with what was asked for, the first call says it.
    package mutating func next() async throws -> [String]? {
        switch stage {
        case .beginning: return try await begin()
        case .events(let header, let last, let lines):
            if last < fetched.to, let page = try await page(after: last) {
                stage = .events(
                    header: header, last: page.last, lines: lines + Int64(page.lines.count))
                return page.lines
            }
            stage = .over
            return try await end(header, lines)
        case .over: return nil
        }
    }

    private mutating func begin() async throws -> [String] {
        let beginning = try await perform(.beginExport, period)
        guard let line = beginning["line"]?.string, let header = beginning["header"]?.string,
            let from = beginning["from"]?.integer, let to = beginning["to"]?.integer
        else { throw Self.unexpected }
        fetched.from = from
        fetched.to = to
        fetched.isAltered = beginning["altered"]?.bool ?? false
        // The header counts, too.
        stage = .events(header: header, last: from - 1, lines: 1)
        return [line]
    }

    /// Some of the events after a number, and the last number of them.
    ///
    /// Nil if nothing is left, also where the end was not reached: somebody took it away.
    private mutating func page(
        after last: Int64
    ) async throws -> (lines: [String], last: Int64)? {
        let page = try await perform(
            .pageOfExport, [("after", .integer(last)), ("to", .integer(fetched.to))])
        guard let lines = page["lines"]?.strings, let next = page["last"]?.integer else {
            throw Self.unexpected
        }
        guard !lines.isEmpty, next > last else { return nil }
        fetched.events += Int64(lines.count { Self.isEvent($0) })
        return (lines, next)
    }

    private func end(_ header: String, _ lines: Int64) async throws -> [String] {
        let end = try await perform(
            .endExport,
            [
                ("header", .string(header)), ("from", .integer(fetched.from)),
                ("to", .integer(fetched.to)), ("lines", .integer(lines)),
                ("recorded", .bool(isRecorded)),
            ])
        guard let text = end["line"]?.string else { throw Self.unexpected }
        return [text]
    }

    /// Whether a line is an event, by how such a line begins.
    package static func isEvent(_ line: String) -> Bool { line.hasPrefix(#"{"type":"event","#) }

    private static let unexpected = OperationError(
        .failed, "The server's answer cannot be understood.")
}

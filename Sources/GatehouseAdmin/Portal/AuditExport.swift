import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird
import NIOCore

extension PortalCall {
    /// The events of a tenant as a file, which `gatehouse audit verify` reads; a part at a time, however
    /// many there are.
    func exportEvents() async throws -> Response {
        let query = try query()
        let times = [ParameterName.since, .until].map { name in
            (name.text.description, query[name].map { JSONValue.string($0) })
        }
        guard let end = AdminEndpoint.byOperation[.endExport] else { throw PortalRefusal.stale }
        // Whoever may not end an export begins none.
        try access.check(end)
        let beginning = try await perform(.beginExport, times).result
        var headers = HTTPFields()
        headers[.contentType] = "application/x-ndjson"
        headers[.contentDisposition] = "attachment; filename=\"events.ndjson\""
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                try await writer.write(Self.lines([beginning["line"]]))
                let (from, to) = (beginning["from"]?.integer ?? 0, beginning["to"]?.integer ?? 0)
                // The first line counts, too.
                var (last, count): (Int64, Int64) = (from - 1, 1)
                while last < to, let page = try await page(after: last, to: to) {
                    try await writer.write(Self.lines(page.lines))
                    (last, count) = (page.last, count + Int64(page.lines.count))
                }
                let end = try await perform(
                    .endExport,
                    [
                        ("header", beginning["header"]), ("from", .integer(from)),
                        ("to", .integer(to)), ("lines", .integer(count)),
                    ])
                try await writer.write(Self.lines([end.result["line"]]))
                try await writer.finish(nil)
            })
    }

    /// Some of the lines after a number, and the last number of them; nil if there are none.
    private func page(
        after last: Int64, to end: Int64
    ) async throws -> (lines: [JSONValue?], last: Int64)? {
        let page = try await perform(
            .pageOfExport, [("after", .integer(last)), ("to", .integer(end))]
        ).result
        guard let lines = page["lines"]?.array, !lines.isEmpty, let next = page["last"]?.integer,
            next > last
        else { return nil }
        return (lines, next)
    }

    private static func lines(_ lines: [JSONValue?]) -> ByteBuffer {
        ByteBuffer(string: lines.map { "\($0?.string ?? "")\n" }.joined())
    }
}

extension ParameterName {
    fileprivate static let since = Self("since")
    fileprivate static let until = Self("until")
}

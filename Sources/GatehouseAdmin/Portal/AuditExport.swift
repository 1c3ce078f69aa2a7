import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird
import NIOCore

extension PortalCall {
    /// The events of a tenant as a file, a part at a time, however many there are: NDJSON, which
    /// `gatehouse audit verify` reads, or CSV for a spreadsheet.
    func exportEvents() async throws -> Response {
        let query = try query()
        let times = [ParameterName.since, .until].map { name in
            (name.text.description, query[name].map { JSONValue.string($0) })
        }
        guard let end = AdminEndpoint.byOperation[.endExport] else { throw PortalRefusal.stale }
        // Whoever may not end an export begins none.
        try access.check(end)
        let isTable = query[.format] == "csv"
        var pages = AuditPages(of: times, isRecorded: true) { name, arguments in
            try await perform(name, arguments).result
        }
        // What is wrong with what was asked for becomes a page, before the file begins.
        let (first, begun) = (try await pages.next(), pages)
        var headers = HTTPFields()
        headers[.contentType] = isTable ? "text/csv; charset=utf-8" : "application/x-ndjson"
        headers[.contentDisposition] =
            "attachment; filename=\"events.\(isTable ? "csv" : "ndjson")\""
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                var (pages, next) = (begun, first)
                if isTable { try await writer.write(ByteBuffer(string: EventRow.head)) }
                while let lines = next {
                    let text =
                        isTable
                        ? try lines.compactMap { try EventRow($0)?.text }.joined()
                        : lines.map { $0 + "\n" }.joined()
                    try await writer.write(ByteBuffer(string: text))
                    next = try await pages.next()
                }
                try await writer.finish(nil)
            })
    }
}

extension ParameterName {
    fileprivate static let since = Self("since")
    fileprivate static let until = Self("until")
    fileprivate static let format = Self("format")
}

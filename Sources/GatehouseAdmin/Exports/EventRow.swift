import GatehouseEncoding

/// An event as a row of a table (RFC 4180).
package struct EventRow: Sendable {
    package let kind: String
    /// The row, with its end.
    package let text: String

    private static let columns = [
        "sequence", "id", "occurred_at", "kind", "actor", "subject", "request_id", "address",
        "detail",
    ]

    /// The first row, which names the columns.
    package static let head = row(columns)

    /// The row of a line of an export; nil if that is no event.
    package init?(_ line: String) throws {
        guard AuditPages.isEvent(line) else { return nil }
        let event = try JSONObject(parsing: Array(line.utf8))
        kind = event["kind"]?.string ?? ""
        text = Self.row(
            Self.columns.map { column in
                switch event[column] {
                case nil, .null: ""
                case .string(let text): text
                case .some(let value): String(decoding: value.serialized(), as: UTF8.self)
                }
            })
    }

    private static func row(_ cells: [String]) -> String {
        cells.map { quoted(harmless($0)) }.joined(separator: ",") + "\r\n"
    }

    /// What a spreadsheet would take for a formula begins such texts.
    private static let formulas = Array("=+-@\t\r".utf8)

    private static func harmless(_ cell: String) -> String {
        cell.utf8.first.map(formulas.contains) ?? false ? "'" + cell : cell
    }

    private static func quoted(_ cell: String) -> String {
        let needsQuotes = cell.utf8.contains { byte in
            [UInt8(ascii: ","), UInt8(ascii: "\""), 0x0D, 0x0A].contains(byte)
        }
        return needsQuotes ? "\"" + cell.replacing("\"", with: "\"\"") + "\"" : cell
    }
}

import GatehouseEncoding
import Glibc

/// Prints what a command found: a table on a terminal, JSON elsewhere.
struct Output {
    let isJSON: Bool

    init(_ options: OutputOptions) {
        isJSON = options.json || isatty(STDOUT_FILENO) == 0
    }

    func print(_ value: JSONValue) {
        Swift.print(isJSON ? String(decoding: value.serialized(), as: UTF8.self) : table(value))
    }

    /// An object as names and values, a list of objects as columns.
    private func table(_ value: JSONValue) -> String {
        switch value {
        case .object(let object):
            let width = object.members.map(\.name.count).max() ?? 0
            return object.members.map { member in
                pad(member.name, width) + "  " + cell(member.value)
            }.joined(separator: "\n")
        case .array(let elements):
            return columns(elements.compactMap(\.object))
        default:
            return cell(value)
        }
    }

    private func columns(_ rows: [JSONObject]) -> String {
        guard let first = rows.first else { return "(none)" }
        let names = first.members.map(\.name).filter { !Self.details.contains($0) }
        let cells = rows.map { row in names.map { cell(row[$0] ?? .null) } }
        let widths = names.indices.map { column in
            ([names[column].count] + cells.map { $0[column].count }).max() ?? 0
        }
        let lines = [names.map { $0.uppercased() }] + cells
        return lines.map { line in
            let padded = zip(line, widths).map { pad($0, $1) }.joined(separator: "  ")
            return padded.trimmingTrailingSpaces
        }.joined(separator: "\n")
    }

    /// What a list leaves out, so that its lines fit a terminal; `show` and JSON have it.
    private static let details: Set<String> = [
        "discovery", "post_logout_redirect_uris", "grant_types", "pkce", "refresh_tokens",
        "rotation", "rotation_leeway", "access_token_lifetime", "id_token_algorithm", "audience",
        "access_token_email", "userinfo_scope", "explain_errors", "has_password", "authentication",
        "jwks", "jwks_uri", "require_signed_request_object", "request_object_algorithm",
        "userinfo_algorithm", "subject_type", "sector", "sector_identifier_uri", "origin",
        "partial_consent", "authorization_details_types", "backchannel_logout_uri",
        "backchannel_logout_session_required", "frontchannel_logout_uri",
        "frontchannel_logout_session_required", "initiate_login_uri",
    ]

    private func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// A value on one line.
    private func cell(_ value: JSONValue) -> String {
        switch value {
        case .null: "–"
        case .bool(let flag): flag ? "yes" : "no"
        case .integer(let number): String(number)
        case .string(let text):
            text.printable()
        case .array(let elements):
            elements.isEmpty ? "–" : elements.map(cell).joined(separator: ", ")
        case .object(let object):
            object.members.map { "\($0.name)=\(cell($0.value))" }.joined(separator: " ")
        case .number(let number): String(number)
        }
    }
}

extension String {
    /// The text without control characters, which could steer a terminal, but for those that are kept.
    func printable(keeping kept: String = "") -> String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.filter {
                    $0.properties.generalCategory != .control || kept.unicodeScalars.contains($0)
                }))
    }

    fileprivate var trimmingTrailingSpaces: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}

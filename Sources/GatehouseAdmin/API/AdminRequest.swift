import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import HTTPTypes

/// An operation as a request to the admin API of an installation elsewhere.
///
/// It is the other direction of what ``AdminCall`` reads, from the same endpoints.
package struct AdminRequest: Sendable {
    /// The method, such as `POST`.
    package let method: String
    /// The path and the query, below the address of the installation.
    package let target: String
    package let body: [UInt8]?
    /// The entity tag that what is changed must have; nil if that does not matter.
    package let expected: String?
    /// The configuration that asks for it; nil if it is somebody else.
    package let manager: String?
    /// The header that names it.
    package static let managerHeader: StaticString = "Gatehouse-Managed-By"
    /// How many of a list are wanted; nil if it is no list that is told in pages.
    package let wanted: Int?

    /// The request for an operation, where a list goes on after a cursor.
    ///
    /// - Throws: ``OperationError`` if the admin API does not offer it.
    package init(_ operation: Operation, cursor: String? = nil) throws(OperationError) {
        guard let endpoint = AdminEndpoint.byOperation[operation.name] else {
            throw OperationError(
                .wrongUse, "This is done on the machine of the installation only.")
        }
        guard operation.text("after") == nil else {
            throw OperationError(
                .wrongUse, "--after is for the machine of the installation; give a larger --limit.")
        }
        method = endpoint.method.rawValue
        expected = operation.expected?.tag
        manager = operation.manager?.text
        wanted = endpoint.isPaged ? try operation.limit() : nil
        var query: [(String, String)] = []
        var members = JSONObject()
        for member in endpoint.members {
            guard let value = operation.arguments[member.argument] else { continue }
            if endpoint.takesBody {
                members.add(member.name, member.kind.value(of: value))
            } else {
                query.append((member.name, Self.text(value)))
            }
        }
        if let wanted {
            query.append(("limit", String(min(wanted, Int(AdminArguments.limits.upperBound)))))
        }
        if let cursor { query.append(("cursor", cursor)) }
        target =
            "/api/v1/" + (try Self.path(endpoint, operation))
            + (query.isEmpty ? "" : "?" + FormParameters(query).encoded)
        body = endpoint.takesBody ? members.serialized() : nil
    }

    private static func path(
        _ endpoint: AdminEndpoint, _ operation: Operation
    ) throws(OperationError) -> String {
        var parts: [String] = []
        for part in endpoint.path.split(separator: "/") {
            guard part.hasPrefix("{") else {
                parts.append(String(part))
                continue
            }
            let value = try operation.require(String(part.dropFirst().dropLast()))
            guard !value.isEmpty, value != ".", value != ".." else {
                throw OperationError(.notFound, "There is nothing called “\(value)”.")
            }
            parts.append(value.queryEncoded)
        }
        return parts.joined(separator: "/")
    }

    private static func text(_ value: JSONValue) -> String {
        value.string ?? String(decoding: value.serialized(), as: UTF8.self)
    }
}

/// What the admin API of an installation elsewhere answered.
package enum AdminReply {
    /// Reads what a request led to; a problem is thrown as what it is for commands.
    package static func read(
        status: Int, body: [UInt8], warnings: String?
    ) throws -> Operation.Answer {
        let json = try JSONValue(parsing: body)
        guard (200..<300).contains(status) else {
            let code = json["code"]?.string.flatMap(Problem.Code.init(rawValue:)) ?? .failed
            throw OperationError(
                code.meaning, json["detail"]?.string ?? "The installation answered \(status).")
        }
        let sentences = try warnings.map { try JSONValue(parsing: Array($0.utf8)).strings } ?? []
        return Operation.Answer(result: json, warnings: sentences ?? [])
    }
}

extension Problem.Code {
    /// What it is for commands.
    fileprivate var meaning: OperationError.Code {
        switch self {
        case .notFound: .notFound
        case .conflict, .requestUnanswered, .idempotencyKeyReused: .conflict
        case .outdated: .outdated
        case .unavailable, .tooManyRequests: .unavailable
        case .failed, .unauthenticated, .roleRequired, .installationRequired: .failed
        case .malformed, .invalidRequest, .invalidCursor, .tooLarge, .unsupportedMediaType:
            .wrongUse
        }
    }
}

extension Member.Kind {
    /// What stands in a request for an argument of the operation.
    fileprivate func value(of argument: JSONValue) -> JSONValue {
        switch self {
        case .object: argument.string.flatMap(Self.parsed) ?? argument
        case .objects:
            argument.strings.map { .array($0.map { Self.parsed($0) ?? .string($0) }) } ?? argument
        case .textsOr(let words):
            argument.strings.flatMap { texts in
                texts.count == 1 && words.contains(texts[0]) ? .string(texts[0]) : nil
            } ?? argument
        case .numberOr: argument.string.flatMap { Int64($0) }.map { .integer($0) } ?? argument
        case .describedNames: argument.strings.map(Self.names) ?? argument
        case .texts:
            // On the command line an empty text stands for an empty list.
            argument.strings == [""] ? [] : argument
        case .text, .flag, .number, .choice, .file: argument
        }
    }

    private static func parsed(_ text: String) -> JSONValue? {
        try? JSONValue(parsing: Array(text.utf8))  // whoever answers says what is wrong with it
    }

    private static func names(_ texts: [String]) -> JSONValue {
        .object(
            JSONObject(
                texts.map { text in
                    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
                    return (parts.first ?? "", .string(parts.last ?? ""))
                }))
    }
}

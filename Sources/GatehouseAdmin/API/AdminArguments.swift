import GatehouseEncoding
import GatehouseProtocol
import HTTPTypes

/// What a request to the admin API says, checked against what its endpoint takes.
///
/// What an endpoint does not take is refused, wherever it stands: nothing that somebody meant to say
/// is passed over, and nothing is set that is not theirs to set.
struct AdminArguments: Sendable {
    /// What the operation is given.
    private(set) var values: [(name: String, value: JSONValue)] = []
    private(set) var limit = Self.usualLimit
    private(set) var cursor: String?
    private(set) var isRehearsal = false
    /// Which list it is, apart from where in it one is.
    private(set) var identity: String

    static let usualLimit = 100
    static let limits: ClosedRange<Int64> = 1...1_000

    /// Reads them from the path's placeholders, the query and the body.
    init(
        _ endpoint: AdminEndpoint, path: [(name: String, value: String)], query: FormParameters,
        body: [UInt8]?
    ) throws {
        identity = endpoint.operation.rawValue
        for (name, value) in path { add(name, .string(value)) }
        try read(query, for: endpoint)
        if let body { try read(try JSONObject(parsing: body), for: endpoint) }
        let given = Set(values.map(\.name))
        let missing = endpoint.members.first { $0.isRequired && !given.contains($0.argument) }
        if let missing {
            throw Problem(
                .invalidRequest, "\(missing.name) is missing.", at: "/" + missing.name)
        }
    }

    private mutating func add(_ name: String, _ value: JSONValue) {
        values.append((name, value))
        identity += "&\(name)=" + String(decoding: value.serialized(), as: UTF8.self)
    }

    // MARK: The query

    private mutating func read(
        _ query: FormParameters, for endpoint: AdminEndpoint
    ) throws(Problem) {
        for (index, pair) in query.pairs.enumerated() {
            guard !query.pairs[..<index].contains(where: { $0.name.isExactly(pair.name) }) else {
                throw Problem(
                    .invalidRequest, "\(pair.name) stands there more than once.", at: pair.name)
            }
            if try readCommon(pair, for: endpoint) { continue }
            guard !endpoint.takesBody,
                let member = endpoint.members.first(where: { $0.name.isExactly(pair.name) })
            else {
                throw Problem(
                    .invalidRequest, "“\(pair.name)” is not a parameter of this request.",
                    at: pair.name)
            }
            guard let value = member.kind.argument(forQuery: pair.value) else {
                throw Self.wrong(member, at: member.name)
            }
            add(member.argument, value)
        }
    }

    /// Reads what many endpoints take; false if the parameter is something else.
    private mutating func readCommon(
        _ pair: (name: String, value: String), for endpoint: AdminEndpoint
    ) throws(Problem) -> Bool {
        switch (pair.name, endpoint.isPaged, endpoint.method != .get) {
        case ("limit", true, _):
            guard let number = Int64(pair.value), Self.limits.contains(number) else {
                throw Problem(.invalidRequest, "limit must be 1 to 1000.", at: "limit")
            }
            limit = Int(number)
        case ("cursor", true, _): cursor = pair.value
        case ("dry_run", _, true):
            guard let flag = ["true": true, "false": false][pair.value] else {
                throw Problem(.invalidRequest, "dry_run must be true or false.", at: "dry_run")
            }
            isRehearsal = flag
        default: return false
        }
        return true
    }

    // MARK: The body

    private mutating func read(
        _ body: JSONObject, for endpoint: AdminEndpoint
    ) throws(Problem) {
        for given in body.members {
            let pointer = "/" + Self.escaped(given.name)
            guard endpoint.takesBody,
                let member = endpoint.members.first(where: { $0.name.isExactly(given.name) })
            else {
                throw Problem(
                    .invalidRequest, "“\(given.name)” is not a member of this request.",
                    at: pointer)
            }
            guard let value = member.kind.argument(for: given.value) else {
                throw Self.wrong(member, at: pointer)
            }
            add(member.argument, value)
        }
    }

    private static func wrong(_ member: Member, at pointer: String) -> Problem {
        Problem(
            .invalidRequest, "\(member.name) must be \(member.kind.rule).", at: pointer)
    }

    /// A name as a part of a JSON pointer (RFC 6901 §3).
    private static func escaped(_ name: String) -> String {
        name.replacing("~", with: "~0").replacing("/", with: "~1")
    }
}

extension AdminEndpoint {
    /// True if it is a list that is told in pages.
    var isPaged: Bool {
        if case .page(_, .after) = answer { true } else { false }
    }
}

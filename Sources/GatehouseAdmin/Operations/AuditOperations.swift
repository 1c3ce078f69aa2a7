import GatehouseCore
import GatehouseEncoding
import GatehouseJOSE
import GatehouseProtocol
import GatehouseWeb

/// What commands do with the audit trail of a tenant.
struct AuditOperations {
    let operation: Operation
    let setting: Operation.Setting

    private var export: ExportAudit { setting.gatehouse.exportAudit }
    private var now: Timestamp { setting.occasion.now }

    /// Whose trail it is, and the issuer while there is one.
    private struct Owner: Sendable {
        let id: Tenant.ID
        let issuer: Issuer?
    }

    func perform() async throws -> JSONValue {
        guard operation.name != .showAuditKey else { return try showKey() }
        let owner = try await owner()
        switch operation.name {
        case .showCheckpoint: return try await showCheckpoint(of: owner)
        case .beginExport: return try await begin(owner)
        case .pageOfExport: return try await page(of: owner)
        case .endExport: return try await end(owner)
        default: return try await list(owner)
        }
    }

    /// The tenant of a slug, or of an id: what a tenant did outlives it.
    private func owner() async throws -> Owner {
        let text = try operation.require("tenant")
        if let id = Tenant.ID(parsing: text), try await export.knows(id) {
            return Owner(id: id, issuer: nil)
        }
        let tenant = try await operation.tenant(in: setting)
        return Owner(id: tenant.id, issuer: tenant.primaryIssuer(base: setting.addresses.base))
    }

    private func showKey() throws -> JSONValue {
        let key = try export.publicKey()
        return ["thumbprint": .string(key.thumbprint()), "key": .object(key.jsonObject)]
    }

    private func showCheckpoint(of owner: Owner) async throws -> JSONValue {
        try await seal()
        guard let token = try await export.checkpoint(of: owner.id, at: now) else {
            throw OperationError(.notFound, "Nothing happened there yet.")
        }
        return ["checkpoint": .string(token)]
    }

    /// Seals what waits, and says so if that takes longer than anybody would wait.
    private func seal() async throws {
        guard try await !export.sealAll(at: now) else { return }
        setting.warnings.add(
            "More events wait to be sealed than can be in a moment: the latest are left out.")
    }

    // MARK: Looking

    private func list(_ owner: Owner) async throws -> JSONValue {
        var filter = SearchEvents.Filter()
        filter.kind = try operation.value("kind", "There are no events of this kind.") {
            Event.Kind(rawValue: $0)?.rawValue
        }
        filter.actor = operation.text("actor")
        filter.subject = operation.text("subject")
        filter.period = try period()
        filter.before = try operation.value(
            "after", "--after needs the id of an event.", Event.ID.init(parsing:))
        let outcome = try await setting.gatehouse.searchEvents.find(
            filter, in: owner.id, limit: operation.limit())
        if let id = outcome.stoppedAt {
            setting.warnings.add("There may be more: go on with --after \(id.text).")
            setting.warnings.goOn(after: id.text)
        }
        return .array(outcome.found.map(\.shown))
    }

    private func period() throws(OperationError) -> ExportAudit.Period {
        let rule = "needs a time in UTC, such as 2026-11-28 or 2026-11-28T17:20:00Z."
        return ExportAudit.Period(
            since: try operation.value("since", "--since \(rule)", Timestamp.init(parsing:)),
            until: try operation.value("until", "--until \(rule)", Timestamp.init(parsing:)))
    }

    // MARK: Exporting

    private func begin(_ owner: Owner) async throws -> JSONValue {
        try await seal()
        let beginning = try await export.begin(
            of: owner.id, issuer: owner.issuer?.text, try period(), at: now)
        let header = beginning.header
        return [
            "line": .string(String(decoding: header.line, as: UTF8.self)),
            "header": .string(header.hash.text), "from": .integer(header.from),
            "to": .integer(header.to), "altered": .bool(beginning.isAltered),
        ]
    }

    private func page(of owner: Owner) async throws -> JSONValue {
        let page = try await export.page(
            of: owner.id, after: try number("after"), through: try number("to"))
        return [
            "lines": .array(page.lines.map { .string($0) }), "last": .integer(page.last),
        ]
    }

    private func end(_ owner: Owner) async throws -> JSONValue {
        guard let header = operation.text("header").flatMap(ChainHash.init(parsing:)) else {
            throw OperationError(.wrongUse, "header is missing.")
        }
        let line = try await export.end(
            of: owner.id,
            ExportAudit.Written(
                header: header, from: try number("from"), to: try number("to"),
                lines: try number("lines")),
            isRecorded: operation.arguments["recorded"]?.bool ?? true, on: setting.occasion)
        return ["line": .string(line)]
    }

    private func number(_ name: String) throws(OperationError) -> Int64 {
        guard let number = operation.arguments[name]?.integer, (0..<(1 << 53)).contains(number)
        else {
            throw OperationError(.wrongUse, "\(name) is missing.")
        }
        return number
    }
}

extension SearchEvents.Found {
    /// The event as commands print it.
    fileprivate var shown: JSONValue {
        // What is no object, since somebody wrote it there, is shown as it is.
        let detail = try? JSONObject(parsing: Array(event.detail.utf8))
        return .object(
            JSONObject([
                ("occurred_at", .optional(event.occurredAt.text)), ("kind", .string(event.kind)),
                ("actor", .string(event.actor)), ("subject", .optional(event.subject)),
                ("detail", detail.map { .object($0) } ?? .string(event.detail)),
                ("address", .optional(event.address)),
                ("request_id", .string(event.requestID)), ("id", .string(event.id.text)),
                ("sequence", sequence.map { .integer($0) } ?? .null),
            ]))
    }
}

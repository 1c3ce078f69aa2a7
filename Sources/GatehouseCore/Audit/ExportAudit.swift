import GatehouseEncoding
package import GatehouseJOSE
import GatehouseSQL

/// Hands out the audit trail of a tenant: page by page, so that it may be of any length.
package struct ExportAudit: Sendable {
    let sealing: SealEvents

    private var database: any Database { sealing.database }

    /// Which events are wanted, by when they happened.
    package struct Period: Sendable {
        /// The first moment; nil from the first event on.
        package var since: Timestamp?
        /// The first moment that is left out; nil until now.
        package var until: Timestamp?

        package init(since: Timestamp? = nil, until: Timestamp? = nil) {
            self.since = since
            self.until = until
        }
    }

    /// How many batches are sealed at most before an export begins.
    private static let batches = 40
    /// How many events a page has at most, and after how many bytes it ends.
    private static let page = 1_000
    private static let pageBytes = 2 << 20

    /// The key that signs exports and checkpoints.
    package func publicKey() throws -> JSONWebKey { try AuditKey(sealing.instanceKey).publicKey }

    /// Seals what waits, as far as that is done soon.
    ///
    /// - Returns: True if nothing waits any more.
    package func sealAll(at now: Timestamp) async throws -> Bool {
        for _ in 0..<Self.batches where try await !sealing.run(by: nil, at: now) { return true }
        return false
    }

    /// Whether there is an audit trail of a tenant, which may have been deleted.
    package func knows(_ tenant: Tenant.ID) async throws -> Bool {
        try await database.read { try $0.records(of: tenant).eventChain.latestToken() != nil }
    }

    /// A checkpoint of the end of the chain, to be kept elsewhere; nil before the first event.
    package func checkpoint(of tenant: Tenant.ID, at now: Timestamp) async throws -> String? {
        let key = try AuditKey(sealing.instanceKey)
        let tip = try await database.read { try $0.records(of: tenant).eventChain.tip() }
        let (end, alteration) = ChainLink.start(
            of: tenant, after: tip, seen: sealing.end(of: tenant), with: key, at: now)
        guard alteration == nil else { throw AlteredTrail() }
        return end.sequence == 0 ? nil : try key.sign(end)
    }

    /// Nothing is signed of a trail that somebody altered, until that is sealed in it.
    private struct AlteredTrail: Error, CustomStringConvertible {
        var description: String { "somebody altered the audit trail" }
    }

    /// The beginning of an export.
    package struct Beginning: Sendable {
        package let header: ExportHeader
        /// True if the trail does not end where this installation signed that it does.
        package let isAltered: Bool
    }

    /// Begins an export of what is sealed until now.
    package func begin(
        of tenant: Tenant.ID, issuer: String?, _ period: Period, at now: Timestamp
    ) async throws -> Beginning {
        let key = try AuditKey(sealing.instanceKey)
        let found = try await database.read { [sealing] transaction in
            let chain = transaction.records(of: tenant).eventChain
            let (end, alteration) = ChainLink.start(
                of: tenant, after: try chain.tip(), seen: sealing.end(of: tenant), with: key,
                at: now)
            let next = end.sequence + 1
            let from = try period.since.map { try chain.first(since: $0) ?? next } ?? 1
            let to = try period.until.map { try chain.last(before: $0) ?? from - 1 }
            return (
                from: from, to: max(to ?? end.sequence, from - 1),
                previous: try chain.hash(at: from - 1), isAltered: alteration != nil
            )
        }
        return Beginning(
            header: ExportHeader(
                tenantID: tenant, issuer: issuer, from: found.from, to: found.to,
                previous: found.previous, exportedAt: now, key: key.publicKey.jsonObject),
            isAltered: found.isAltered)
    }

    /// Some lines of an export, and the number of the last event in them.
    package struct Page: Sendable {
        package var lines: [String] = []
        package var last: Int64
    }

    /// The lines of the events after a number; none if there are no more.
    package func page(
        of tenant: Tenant.ID, after number: Int64, through last: Int64
    ) async throws -> Page {
        let (events, checkpoints) = try await database.read { transaction in
            let chain = transaction.records(of: tenant).eventChain
            let events = try chain.page(after: number, through: last, limit: Self.page)
            let end = events.last?.sequence ?? number
            return (events, try chain.kept(after: number, through: end))
        }
        var page = Page(last: number)
        var (bytes, rest) = (0, checkpoints[...])
        for event in events where bytes < Self.pageBytes {
            // One whose event is gone stands where that was.
            while let next = rest.first, next.sequence < event.sequence {
                page.add(AuditLine.line(.checkpoint, next.token))
                rest = rest.dropFirst()
            }
            bytes += page.add(event.line)
            if let next = rest.first, next.sequence == event.sequence {
                page.add(AuditLine.line(.checkpoint, next.token))
                rest = rest.dropFirst()
            }
            page.last = event.sequence
        }
        return page
    }

    /// What an export holds that is to be ended.
    package struct Written: Sendable {
        package let header: ChainHash
        package let from: Int64
        package let to: Int64
        /// How many lines were written.
        package let lines: Int64

        package init(header: ChainHash, from: Int64, to: Int64, lines: Int64) {
            self.header = header
            self.from = from
            self.to = to
            self.lines = lines
        }
    }

    /// The last line of an export, which is signed; the trail may be to tell that it was handed out.
    package func end(
        of tenant: Tenant.ID, _ written: Written, isRecorded: Bool, on occasion: Occasion
    ) async throws -> String {
        let hash = try await database.read {
            try $0.records(of: tenant).eventChain.hash(at: written.to)
        }
        let end = ExportEnd(
            tenantID: tenant, header: written.header, from: written.from, to: written.to,
            hash: hash, lines: written.lines + 1, signedAt: occasion.now)
        let token = try AuditKey(sealing.instanceKey).sign(end)
        if isRecorded {
            try await database.write { transaction in
                try transaction.records(of: tenant).events.append(
                    Event(
                        .auditExported, by: occasion.operator,
                        detail: [("from", String(written.from)), ("to", String(written.to))]),
                    on: occasion)
            }
        }
        return String(decoding: AuditLine.line(.end, token), as: UTF8.self)
    }
}

extension ExportAudit.Page {
    /// Adds a line, and tells its length.
    @discardableResult
    fileprivate mutating func add(_ line: [UInt8]) -> Int {
        lines.append(String(decoding: line, as: UTF8.self))
        return line.count
    }
}

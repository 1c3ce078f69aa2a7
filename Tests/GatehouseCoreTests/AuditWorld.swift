import GatehouseJOSE
import GatehouseProtocol
import GatehouseSQL
import Testing

@testable import GatehouseCore

extension World {
    /// Something that happened at acme, with texts that are hard to write down.
    func happen(
        _ count: Int = 1, after delay: Lifetime = .seconds(1), _ text: String = "a"
    ) async throws {
        try await records { records in
            for _ in 0..<count {
                try records.events.append(
                    Event(.limitChanged, by: .system, of: text, detail: [("text", text)]),
                    on: Self.occasion(after: delay))
            }
        }
    }

    /// Seals all that waits.
    func seal(after delay: Lifetime = .seconds(2)) async throws {
        while try await gatehouse.sealEvents.run(by: nil, at: Self.start + delay) {}
    }

    /// What says where the trail of acme ends.
    func end() async throws -> String {
        let token = try await records { try $0.eventChain.latestToken() }
        return try #require(token)
    }

    /// The export of a trail, as the command writes it.
    func export(
        of tenant: Tenant? = nil, _ period: ExportAudit.Period = .init(),
        after delay: Lifetime = .seconds(3)
    ) async throws -> [UInt8] {
        let (export, id) = (gatehouse.exportAudit, (tenant ?? acme).id)
        let occasion = Self.occasion(after: delay)
        let header = try await export.begin(
            of: id, issuer: issuer.text, period, at: occasion.now
        ).header
        var lines = [String(decoding: header.line, as: UTF8.self)]
        var last = header.from - 1
        while last < header.to {
            let page = try await export.page(of: id, after: last, through: header.to)
            guard !page.lines.isEmpty else { break }
            lines += page.lines
            last = page.last
        }
        lines.append(
            try await export.end(
                of: id,
                .init(
                    header: header.hash, from: header.from, to: header.to,
                    lines: Int64(lines.count)),
                isRecorded: false, on: occasion))
        return Array(lines.map { $0 + "\n" }.joined().utf8)
    }

    /// The thumbprint of the key that signs.
    func auditKey() throws -> String { try gatehouse.exportAudit.publicKey().thumbprint() }

    /// What is found out about an export by whoever has the thumbprint of the key.
    func verify(_ bytes: [UInt8], checkpoint: String? = nil) throws -> AuditReport {
        var verifier = AuditVerifier(trusting: .thumbprint(try auditKey()), checkpoint: checkpoint)
        verifier.read(bytes)
        return verifier.finish()
    }

    /// The numbers of acme's events, in the order of their ids.
    func sequences() async throws -> [Int64?] {
        try await records {
            try $0.transaction.rows(
                "SELECT sequence FROM event WHERE tenant_id = \($0.tenantID) ORDER BY id"
            ).map { try $0.optionalInteger("sequence") }
        }
    }
}

extension [UInt8] {
    /// The lines, each with its end.
    var lines: [[UInt8]] {
        split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true).map { $0 + [0x0A] }
    }
}

extension AuditReport {
    var problems: [AuditFinding.Problem] { findings.map(\.problem) }
}

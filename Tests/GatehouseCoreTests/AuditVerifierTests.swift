import GatehouseEncoding
import GatehouseJOSE
import GatehouseSQL
import Testing

@testable import GatehouseCore

extension UseCases {
    @Suite struct `An export of an audit trail` {
        private static func header(from: Int64, to: Int64) -> String {
            let header = ExportHeader(
                tenantID: Tenant.ID(stored: "t"), issuer: nil, from: from, to: to,
                previous: .beginning, exportedAt: World.start, key: JSONObject())
            return String(decoding: header.line, as: UTF8.self) + "\n"
        }

        private static func event(_ number: Int64) -> String {
            let recorded = RecordedEvent(
                id: Event.ID(stored: "e"), kind: "k", actor: "a", subject: nil,
                occurredAt: Timestamp(milliseconds: .min), requestID: "r", address: nil, detail: "")
            let event = SealedEvent(
                recorded, of: Tenant.ID(stored: "t"), number: number, after: .beginning, hash: nil)
            return String(decoding: event.line, as: UTF8.self) + "\n"
        }

        private static let hard = "a\"\\\n\t\u{2028}é=\u{1F600}"

        private static func small(_ world: World) async throws -> [UInt8] {
            try await world.happen(1, hard)
            try await world.seal()
            return try await world.export()
        }

        @Test(.timeLimit(.minutes(5)))
        func `shows every flipped bit, and in which line it is (GH-388)`() async throws {
            try await Backend.sqlite.withWorld { world in
                let bytes = try await Self.small(world)
                #expect(try world.verify(bytes).isIntact)
                var line: Int64 = 1
                for (index, byte) in bytes.enumerated() {
                    for bit in [0, 5] as [UInt8] {
                        var damaged = bytes
                        damaged[index] = byte ^ 1 << bit
                        let report = try world.verify(damaged)
                        #expect(
                            report.findings.first?.line == line,
                            "bit \(bit) of byte \(index) in line \(line): \(report.findings)")
                    }
                    if byte == UInt8(ascii: "\n") { line += 1 }
                }
            }
        }

        @Test func `shows where it was cut, mixed or repeated`() async throws {
            try await Backend.sqlite.withWorld { world in
                try await world.happen(3)
                try await world.seal()
                let lines = try await world.export().lines
                func problems(_ lines: some Sequence<[UInt8]>) throws -> [AuditFinding.Problem] {
                    try world.verify(Array(lines.joined())).problems
                }
                #expect(try problems(lines) == [])
                // The header, six events, a checkpoint, the end.
                #expect(lines.count == 9)
                for count in 1..<lines.count {
                    #expect(try problems(lines.prefix(count)) == [.truncated])
                    #expect(try problems(lines.dropFirst(count)).first == .noHeader)
                }
                #expect(try problems([]) == [.noHeader, .truncated])
                let whole = Array(lines.joined())
                for count in [1, 2, 40, whole.count - 40, whole.count - 1] {
                    #expect(try !world.verify(Array(whole.prefix(count))).isIntact)
                }
                for index in 1..<8 {
                    var (without, twice, swapped) = (lines, lines, lines)
                    without.remove(at: index)
                    twice.insert(lines[index], at: index)
                    swapped.swapAt(index, index + 1)
                    for changed in [without, twice, swapped] {
                        #expect(try problems(changed) != [])
                    }
                }
                var without = lines
                without.remove(at: 3)
                let first = try #require(try world.verify(Array(without.joined())).findings.first)
                #expect(first == AuditFinding(line: 4, sequence: 4, problem: .missing(3, 3)))
                #expect(try problems(lines + [lines[1]]).first == .afterEnd)
                #expect(try problems(lines + [[0x0A]]).first == .afterEnd)
            }
        }

        @Test func `shows who signed it`() async throws {
            try await Backend.sqlite.withWorld { world in
                let bytes = try await Self.small(world)
                let other = try #require(InstanceKey([UInt8](repeating: 8, count: 32)))
                let key = try AuditKey(other).publicKey
                func problems(_ trust: AuditVerifier.Trust) -> [AuditFinding.Problem] {
                    var verifier = AuditVerifier(trusting: trust)
                    verifier.read(bytes)
                    return verifier.finish().problems
                }
                #expect(problems(.whoever) == [])
                #expect(problems(.key(try world.gatehouse.exportAudit.publicKey())) == [])
                #expect(problems(.thumbprint(key.thumbprint())) == [.otherKey])
                #expect(
                    problems(.key(key)) == [.otherKey, .checkpointNotSigned, .endNotSigned])
            }
        }

        @Test func `takes no other token of the key for a checkpoint or an end`() async throws {
            try await Backend.sqlite.withWorld { world in
                let lines = try await Self.small(world).lines
                let key = try world.gatehouse.instanceKey.auditKey()
                let checkpoint = Checkpoint(
                    tenantID: world.acme.id, sequence: 3, hash: .beginning, at: World.start)
                for type in [TokenType.jwt, .accessToken, .auditExport, .logoutToken] {
                    let token = try Signer(key, type: type).sign(checkpoint.payload)
                    #expect(throws: JOSEError.wrongType) {
                        try Checkpoint(token, signedBy: key.publicKey)
                    }
                }
                // A checkpoint is no end of an export that was cut off behind it.
                let token = try AuditKey(world.gatehouse.instanceKey).sign(checkpoint)
                let end = AuditLine.line(.end, token) + [0x0A]
                let report = try world.verify(Array((lines.dropLast() + [end]).joined()))
                #expect(report.problems == [.endNotSigned])
            }
        }

        @Test(arguments: [
            "", "\n", "\u{0}", "{}\n", "[]\n", "null\n", #"{"type":"event"}"# + "\n",
            #"{"type":"end","token":"a.b.c"}"# + "\n", #"{"type":"gatehouse-audit"}"# + "\n",
            #"{"type":"event","sequence":-9223372036854775808}"# + "\n", "\u{FEFF}{}\n",
            header(from: .min, to: 0), header(from: 1, to: .min), header(from: .max, to: .max),
            event(.min), event(.max),
        ])
        func `is nothing that anybody wrote`(text: String) {
            var verifier = AuditVerifier(trusting: .whoever)
            verifier.read(Array(text.utf8))
            let report = verifier.finish()
            #expect(!report.isIntact && report.header == nil)
        }

        @Test func `is read without filling the memory, whatever it is (GH-407)`() {
            var verifier = AuditVerifier(trusting: .whoever)
            let piece = [UInt8](repeating: 0, count: 1 << 16)
            for _ in 0..<1_000 { verifier.read(piece) }
            verifier.read(Array("\n{}\n".utf8))
            let report = verifier.finish()
            #expect(report.findings.first?.problem == .tooLong)
            #expect(report.findings.count { $0.line == 2 } > 0)
            var many = AuditVerifier(trusting: .whoever)
            for _ in 0..<20 { many.read([UInt8](repeating: 0x0A, count: 1_000)) }
            let all = many.finish()
            #expect(all.findings.count == 50 && all.findingCount > 20_000)
        }
    }
}

@Suite struct `A moment as text` {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1_795_886_400_123, "2026-11-28T17:20:00.123Z"),
            (951_782_400_001, "2000-02-29T00:00:00.001Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ] as [(Int64, String)])
    func `comes back as it was`(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).text == text)
        #expect(Timestamp(parsing: text)?.milliseconds == milliseconds)
    }

    @Test func `may be a day, or a second`() {
        let day = Timestamp(parsing: "2026-11-28")
        #expect(day?.text == "2026-11-28T00:00:00.000Z")
        #expect(Timestamp(parsing: "2026-11-28T17:20:00Z")?.text == "2026-11-28T17:20:00.000Z")
    }

    @Test(arguments: [
        "", "now", "2026-02-30", "2026-13-01", "2026-11-28T24:00:00Z", "2026-11-28T17:20:00",
        "2026-11-28T17:20:00+00:00", "2026-11-28t17:20:00z", "2026-11-28T17:20:60Z",
        "+026-11-28", "2026-11-28T17:20:00.1Z", "2026-11-28T17:20:00.+12Z", "\u{0662}026-11-28",
        "1969-12-31",
    ])
    func `is no other text`(text: String) {
        #expect(Timestamp(parsing: text) == nil)
    }

    @Test func `has none outside the years that have four digits`() {
        #expect(Timestamp(milliseconds: -1).text == nil)
        #expect(Timestamp(milliseconds: 253_402_300_800_000).text == nil)
        #expect(Timestamp(milliseconds: .max).text == nil)
    }
}

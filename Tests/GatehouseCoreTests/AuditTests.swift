import GatehouseSQL
import Testing

@testable import GatehouseCore

extension UseCases {
    @Suite struct `An audit trail` {
        @Test(arguments: Backend.available)
        func `numbers the events of each tenant`(backend: Backend) async throws {
            try await backend.withWorld { world in
                try await world.happen(3)
                try await world.database.write { [umbra = world.umbra] in
                    try $0.records(of: umbra.id).events.append(
                        Event(.tenantUpdated, by: .anonymous), on: World.occasion())
                }
                #expect(try await world.sequences() == [nil, nil, nil, nil, nil, nil])
                try await world.seal()
                #expect(
                    try await world.sequences().compactMap(\.self).sorted() == [1, 2, 3, 4, 5, 6])
                let report = try world.verify(try await world.export())
                #expect(report.isIntact && report.events == 6 && report.isKeyTrusted)
                #expect(report.header?.from == 1 && report.header?.to == 6)
                #expect(report.earliest == World.start && report.checkpoints == 1)
                let other = try world.verify(try await world.export(of: world.umbra))
                #expect(other.isIntact && other.events == 1)
                #expect(try await !world.gatehouse.sealEvents.run(by: nil, at: World.start))
            }
        }

        @Test(arguments: Backend.available)
        func `goes on with what comes late, and with more than a batch`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                try await world.happen(SealEvents.batch * 5)
                try await world.seal()
                // Of a transaction that began long before, and has just ended.
                try await world.happen(after: .seconds(0))
                try await world.seal(after: .minutes(5))
                let last = Int64(SealEvents.batch * 5 + 4)
                #expect(try await world.sequences().contains(last))
                let report = try world.verify(try await world.export())
                #expect(report.isIntact && report.events == last)
                // The first one, and one after a thousand events.
                #expect(report.checkpoints == 2)
                try await world.happen(after: .hours(2))
                try await world.seal(after: .hours(2))
                #expect(try world.verify(try await world.export()).checkpoints == 3)
            }
        }

        @Test(arguments: Backend.available)
        func `is one chain, however many seal`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let sealers = (0..<3).map { _ in
                    SealEvents(
                        database: world.database, instanceKey: world.gatehouse.instanceKey)
                }
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    for sealer in sealers {
                        tasks.addTask {
                            for _ in 0..<40 {
                                _ = try await sealer.run(by: nil, at: World.start + .seconds(2))
                            }
                        }
                    }
                    for _ in 0..<4 {
                        tasks.addTask { for _ in 0..<20 { try await world.happen(5) } }
                    }
                    try await tasks.waitForAll()
                }
                try await world.seal()
                let report = try world.verify(try await world.export())
                #expect(report.isIntact && report.events == 403, "\(report.findings)")
            }
        }

        @Test(arguments: Backend.available)
        func `misses nothing that comes hours late`(backend: Backend) async throws {
            try await backend.withWorld { world in
                try await world.seal(after: .hours(3))
                // As a node writes it that could not for hours.
                try await world.happen()
                try await world.seal(after: .minutes(181))
                #expect(try await world.sequences().contains(nil))
                try await world.seal(after: .minutes(190))
                #expect(try await !world.sequences().contains(nil))
                // A clock that was set back looks at all of it.
                try await world.happen()
                try await world.seal(after: .hours(2))
                #expect(try await !world.sequences().contains(nil))
            }
        }

        @Test(arguments: Backend.available)
        func `is sealed by one node at a time`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let (sealing, now) = (world.gatehouse.sealEvents, World.start + .seconds(2))
                _ = try await sealing.run(by: SealEvents.lease("a"), at: now)
                try await world.happen()
                _ = try await sealing.run(by: SealEvents.lease("b"), at: now)
                #expect(try await world.sequences().contains(nil))
                _ = try await sealing.run(by: SealEvents.lease("b"), at: now + .seconds(11))
                #expect(try await !world.sequences().contains(nil))
            }
        }

        @Test(arguments: Backend.available)
        func `is found to be altered where somebody altered it`(backend: Backend) async throws {
            let alterations: [(SQL, AuditFinding.Problem, Int64?)] = [
                ("UPDATE event SET actor = 'nobody' WHERE sequence = 3", .wrongHash, 3),
                ("UPDATE event SET address = NULL WHERE sequence = 1", .wrongHash, 1),
                ("UPDATE event SET detail = '{}' WHERE sequence = 5", .wrongHash, 5),
                ("UPDATE event SET detail = '{ }' WHERE sequence = 5", .wrongHash, 5),
                ("UPDATE event SET occurred_at = -1 WHERE sequence = 4", .wrongHash, 4),
                ("DELETE FROM event WHERE sequence = 3", .missing(3, 3), 4),
                ("DELETE FROM event WHERE sequence >= 4", .missing(4, 7), nil),
                ("UPDATE event SET sequence = 77 WHERE sequence = 2", .missing(2, 2), 3),
                (
                    "UPDATE event_checkpoint SET token = 'x' WHERE number > 0",
                    .checkpointNotSigned, nil
                ),
            ]
            for (statement, problem, sequence) in alterations {
                try await backend.withWorld { world in
                    try await world.happen(4)
                    try await world.seal()
                    _ = try await world.records { try $0.transaction.execute(statement) }
                    let report = try world.verify(try await world.export())
                    let first = try #require(report.findings.first)
                    #expect(first.problem == problem && first.sequence == sequence)
                }
            }
        }

        @Test(arguments: Backend.available)
        func `tells of it when its end was altered, and goes on`(backend: Backend) async throws {
            let alterations: [SQL] = [
                "UPDATE event_checkpoint SET token = 'x' WHERE number = 0",
                "DELETE FROM event_checkpoint WHERE number = 0",
                "DELETE FROM event WHERE sequence = 7",
                "UPDATE event SET hash = NULL WHERE sequence = 7",
                "UPDATE event SET sequence = 9 WHERE sequence = 7",
            ]
            for statement in alterations {
                try await backend.withWorld { world in
                    try await world.happen(4)
                    try await world.seal()
                    _ = try await world.records { try $0.transaction.execute(statement) }
                    let beginning = try await world.gatehouse.exportAudit.begin(
                        of: world.acme.id, issuer: nil, .init(), at: World.start)
                    #expect(beginning.isAltered)
                    try await world.happen()
                    try await world.seal()
                    try await world.seal()
                    #expect(try await world.count(.auditAltered) == 1)
                    #expect(try await !world.sequences().contains(nil))
                    let report = try world.verify(try await world.export())
                    #expect(report.problems.contains(.altered), "\(report.findings)")
                    // Once is enough: from here on it is one chain again.
                    try await world.happen()
                    try await world.seal()
                    #expect(try await world.count(.auditAltered) == 1)
                }
            }
        }

        @Test(arguments: Backend.available)
        func `is not set back by what was signed before`(backend: Backend) async throws {
            try await backend.withWorld { world in
                try await world.seal()
                let end = try await world.end()
                try await world.happen(3)
                try await world.seal()
                // A checkpoint that is kept is no end, whoever restarts.
                _ = try await world.records { records in
                    try records.transaction.execute("DELETE FROM event WHERE sequence > 3")
                    try records.transaction.execute(
                        """
                        UPDATE event_checkpoint SET token = (
                            SELECT token FROM event_checkpoint AS k
                            WHERE k.tenant_id = \(records.tenantID) AND k.number > 0)
                        WHERE tenant_id = \(records.tenantID) AND number = 0
                        """)
                }
                let other = SealEvents(
                    database: world.database, instanceKey: world.gatehouse.instanceKey)
                let key = try AuditKey(world.gatehouse.instanceKey)
                let tip = try await world.records { try $0.eventChain.tip() }
                let (_, alteration) = ChainLink.start(
                    of: world.acme.id, after: tip, seen: other.end(of: world.acme.id), with: key,
                    at: World.start)
                #expect(alteration?.signed == nil && alteration?.found == 3)
                // The end of before is one, but this node knows better.
                _ = try await world.records { records in
                    try records.transaction.execute(
                        """
                        UPDATE event_checkpoint SET token = \(end)
                        WHERE tenant_id = \(records.tenantID) AND number = 0
                        """)
                }
                try await world.happen()
                try await world.seal()
                let report = try world.verify(try await world.export())
                #expect(report.problems.contains(.missing(4, 6)), "\(report.findings)")
                #expect(report.problems.contains(.altered))
            }
        }

        @Test(arguments: Backend.available)
        func `is exported in part, and joins what was kept`(backend: Backend) async throws {
            try await backend.withWorld { world in
                try await world.happen(2)
                try await world.seal()
                let found = try await world.gatehouse.exportAudit.checkpoint(
                    of: world.acme.id, at: World.start)
                let kept = try #require(found)
                try await world.happen(3, after: .hours(5))
                try await world.seal(after: .hours(6))
                let period = ExportAudit.Period(since: World.start + .hours(5))
                let part = try world.verify(try await world.export(period), checkpoint: kept)
                #expect(part.isIntact && part.events == 3 && part.header?.from == 6)
                let until = ExportAudit.Period(until: World.start + .hours(5))
                let begin = try world.verify(try await world.export(until), checkpoint: kept)
                #expect(begin.isIntact && begin.events == 5 && begin.header?.to == 5)
                let late = ExportAudit.Period(since: World.start + .hours(9))
                let nothing = try world.verify(try await world.export(late))
                #expect(nothing.isIntact && nothing.events == 0 && nothing.header?.from == 9)
                let whole = try await world.export()
                #expect(try world.verify(whole, checkpoint: kept).isIntact)
                #expect(try world.verify(whole, checkpoint: "x").problems == [.givenNotSigned])
                // An older installation, with the same key, that went another way.
                _ = try await world.records {
                    try $0.transaction.execute("DELETE FROM event WHERE sequence >= 3")
                }
                let problems = try world.verify(try await world.export(), checkpoint: kept).problems
                #expect(problems.last == .givenOutside)
            }
        }

        @Test(arguments: Backend.available)
        func `is searched, newest first`(backend: Backend) async throws {
            try await backend.withWorld { world in
                try await world.happen(2, after: .seconds(1), "a")
                try await world.seal()
                try await world.happen(2, after: .seconds(9), "a")
                try await world.happen(1, after: .seconds(9), "b")
                func find(
                    limit: Int = 100, _ change: (inout SearchEvents.Filter) -> Void
                ) async throws -> [SearchEvents.Found] {
                    var filter = SearchEvents.Filter()
                    change(&filter)
                    var search = world.gatehouse.searchEvents
                    search.window = 2
                    let outcome = try await search.find(filter, in: world.acme.id, limit: limit)
                    #expect(outcome.stoppedAt == nil)
                    return outcome.found
                }
                let all = try await find { _ in }
                #expect(all.count == 8)
                #expect(all.map(\.event.id.text) == all.map(\.event.id.text).sorted().reversed())
                #expect(try await find { $0.subject = "a" }.map(\.sequence).count == 4)
                #expect(try await find(limit: 3) { $0.subject = "a" }.count == 3)
                #expect(try await find { $0.kind = "client.created" }.count == 2)
                #expect(try await find { $0.actor = "system" }.count == 5)
                let since = ExportAudit.Period(since: World.start + .seconds(9))
                #expect(try await find { $0.period = since }.count == 3)
                let until = ExportAudit.Period(until: World.start + .seconds(9))
                #expect(try await find { $0.period = until }.count == 5)
                #expect(try await find { $0.before = all[4].event.id }.count == 3)
                var search = world.gatehouse.searchEvents
                (search.window, search.most) = (2, 4)
                var filter = SearchEvents.Filter()
                filter.kind = "client.created"
                let outcome = try await search.find(filter, in: world.acme.id, limit: 10)
                #expect(outcome.found.isEmpty && outcome.stoppedAt == all[3].event.id)
            }
        }
    }
}

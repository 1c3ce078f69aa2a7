import GatehouseEncoding
import GatehouseJOSE
import Testing

@testable import GatehouseClient

@Suite struct `A stream of events` {
    private static func items(_ pieces: String...) throws -> [EventStream.Item] {
        var stream = EventStream()
        return try pieces.flatMap { try stream.take(Array($0.utf8)) }
    }

    @Test(arguments: ["\n", "\r\n", "\r"])
    func `ends its lines in any way`(end: String) throws {
        let text = "id: 7\(end)event: change\(end)data: {}\(end)\(end)"
        let expected = EventStream.Item.event(.init(name: "change", data: "{}", id: "7"))
        #expect(try Self.items(text) == [expected])
        // However it is cut.
        var stream = EventStream()
        #expect(try text.utf8.flatMap { try stream.take([$0]) } == [expected])
    }

    @Test func `has comments, events without names, and lines that mean nothing`() throws {
        #expect(
            try Self.items(":\n\n", "retry: 1000\n\n", "data:a\ndata: b\nx: y\ndata\n\n")
                == [.comment, .event(.init(name: "message", data: "a\nb\n", id: nil))])
        #expect(try Self.items("event: change\n\n").isEmpty)
        #expect(try Self.items("data: a\n").isEmpty)
    }

    @Test func `is not endless, and is text`() throws {
        let huge = "data: " + String(repeating: "a", count: EventStream.mostBytes)
        #expect(throws: ClientError.untrustworthy(.changeFeed)) { try Self.items(huge) }
        let lines = String(repeating: "data: a\n", count: EventStream.mostBytes / 7 + 1)
        #expect(throws: ClientError.untrustworthy(.changeFeed)) { try Self.items(lines) }
        let names = String(repeating: "event: a\n", count: EventStream.mostBytes / 8 + 1)
        #expect(throws: ClientError.untrustworthy(.changeFeed)) { try Self.items(names) }
        var stream = EventStream()
        #expect(throws: ClientError.untrustworthy(.changeFeed)) {
            try stream.take([0xFF, UInt8(ascii: "\n")])
        }
        // Signs of life are no part of an event, however many come.
        let comments = String(repeating: ": a\n\n", count: EventStream.mostBytes)
        #expect(try Self.items(comments).count == EventStream.mostBytes)
    }
}

@Suite struct `What is remembered of changes` {
    private static func change(
        _ members: String, until: Int64 = 100, now: Int64 = 100
    ) throws -> FollowedChange {
        try FollowedChange(
            .init(parsing: Array("{\"kind\":\"x\",\"issued_until\":\(until)\(members)}".utf8)),
            now: now)
    }

    private static func token(_ claims: String, issuedAt: Int64 = 100) throws -> AccessTraits {
        try AccessTraits(.init(parsing: Array("{\"iat\":\(issuedAt)\(claims)}".utf8)))
    }

    @Test func `outdates tokens that have all that is named`() throws {
        var memory = ChangeMemory(tokenLifetime: 1_000)
        memory.take(try Self.change(#","organization":"o","client_id":"c""#), now: 100)
        func judge(_ claims: String, _ issuedAt: Int64 = 100) throws -> ChangeMemory.Judgement {
            memory.judge(try Self.token(claims, issuedAt: issuedAt))
        }
        #expect(try judge(#","client_id":"c","org_id":"o""#) == .outdated)
        #expect(
            try judge(#","client_id":"c","organizations":[{"id":"p"},{"id":"o"}]"#) == .outdated)
        #expect(try judge(#","client_id":"c","org_id":"o""#, 101) == .upToDate)
        #expect(try judge(#","client_id":"d","org_id":"o""#) == .upToDate)
        #expect(try judge(#","client_id":"c""#) == .upToDate)
        #expect(try judge("") == .upToDate)
    }

    @Test func `knows any organization, grants, tokens and audiences`() throws {
        func isOutdated(_ change: String, _ claims: String) throws -> Bool {
            var memory = ChangeMemory(tokenLifetime: 1_000)
            memory.take(try Self.change(change), now: 100)
            return memory.judge(try Self.token(claims)) == .outdated
        }
        #expect(try isOutdated(#","organization":"*""#, #","org_id":"o""#))
        #expect(try !isOutdated(#","organization":"*""#, ""))
        #expect(try isOutdated(#","grants":["g","h"]"#, #","gid":"h""#))
        #expect(try !isOutdated(#","grants":["g","h"]"#, #","gid":"i""#))
        #expect(try isOutdated(#","jti":"t""#, #","jti":"t""#))
        #expect(try isOutdated(#","audience":"a""#, #","aud":["b","a"]"#))
        #expect(try isOutdated("", ""))
        // Of nobody, nobody is meant.
        #expect(try !isOutdated(#","subjects":[]"#, #","sub":"kay""#))
        #expect(try !isOutdated(#","grants":[]"#, #","gid":"g""#))
    }

    @Test func `takes nothing back`() throws {
        var memory = ChangeMemory(tokenLifetime: 1_000)
        memory.take(try Self.change(#","jti":"t""#, until: 90), now: 100)
        memory.take(try Self.change(#","jti":"t""#, until: 50), now: 100)
        #expect(memory.judge(try Self.token(#","jti":"t""#, issuedAt: 80)) == .outdated)
    }

    @Test func `is bounded, and says what it does not know`() throws {
        var memory = ChangeMemory(tokenLifetime: 1_000, capacity: 10)
        for number in 1...100 {
            memory.take(
                try Self.change(",\"jti\":\"\(number)\"", until: Int64(number)), now: 100)
        }
        #expect(memory.judge(try Self.token("", issuedAt: 1)) == .unknown)
        #expect(memory.judge(try Self.token("", issuedAt: 101)) == .upToDate)
        #expect(memory.judge(try Self.token(#","jti":"100""#, issuedAt: 99)) == .outdated)
        memory.reset(until: 200)
        #expect(memory.judge(try Self.token("", issuedAt: 200)) == .unknown)
    }

    @Test(arguments: [
        #"{"issued_until":1}"#, #"{"kind":"x"}"#, #"{"kind":1,"issued_until":1}"#,
        #"{"kind":"x","issued_until":"1"}"#, #"{"kind":"x","issued_until":161}"#,
        #"{"kind":"x","issued_until":1,"subjects":"a"}"#,
        #"{"kind":"x","issued_until":1,"subjects":[1]}"#,
        #"{"kind":"x","issued_until":1,"grants":{}}"#,
        #"{"kind":"x","issued_until":1,"organization":1}"#,
        #"{"kind":"x","issued_until":1,"jti":null}"#,
    ])
    func `believes no change of another form`(text: String) throws {
        #expect(throws: ClientError.untrustworthy(.changeFeed)) {
            try FollowedChange(.init(parsing: Array(text.utf8)), now: 100)
        }
    }
}

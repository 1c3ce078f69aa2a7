import GatehouseProtocol
import Testing

@testable import GatehouseAdmin
@testable import GatehouseCore

private let now = Timestamp(milliseconds: 1_000_000_000_000)
private let early = Timestamp(milliseconds: 0)

/// An installation that nothing is wrong with, but for what is changed.
private func check(
    _ base: String = "https://id.example.com", sendsMail: Bool = true,
    serving: InstallationFacts.Serving? = .init(
        startedAt: early, endsTLS: true, trustsProxies: false, connections: 4_096),
    databaseTime: Timestamp? = nil, unsafeSettings: [String] = [],
    room: InspectInstallation.Room? = nil,
    oldestUnsealed: Timestamp? = nil, removalLease: Timestamp? = now, hasLetters: Bool = false
) throws -> [String: Finding] {
    let found = InspectInstallation.Found(
        databaseTime: databaseTime, unsafeSettings: unsafeSettings, room: room,
        oldestUnsealed: oldestUnsealed, removalLease: removalLease, hasLetters: hasLetters,
        untold: 0, missingDomains: [], people: 2, idleKeys: [])
    let check = InstallationCheck(
        InstallationSituation(
            base: try BaseURL(parsing: base),
            facts: InstallationFacts(
                version: "1", database: "SQLite", sendsMail: sendsMail, serving: serving),
            found: found, now: now))
    return Dictionary(check.findings.map { ($0.rule, $0) }, uniquingKeysWith: { one, _ in one })
}

@Suite struct `A check of an installation` {
    @Test func `says of each subject that it is fine`() throws {
        let found = try check()
        #expect(Set(found.keys) == ["serving", "store", "outgoing", "administration"])
        #expect(Array(found.values).verdict == .fine)
        #expect(found["administration"]?.message.hasPrefix("2 people") == true)
    }

    @Test(arguments: [
        (200, 1_000_000, "disk_full"), (400, 1_000_000, "disk_nearly_full"),
        (20_000, 1_000_000, "store"), (400, 4_000, "store"), (255, 300, "disk_full"),
    ])
    func `knows when a disk gets full`(free: Int64, all: Int64, rule: String) throws {
        #expect(try check(room: .init(free: free << 20, all: all << 20))[rule] != nil)
    }

    @Test(arguments: [(1_900, false), (-1_900, false), (2_100, true), (-2_100, true)])
    func `compares the clocks`(apart: Int64, isFound: Bool) throws {
        let theirs = Timestamp(milliseconds: now.milliseconds + apart)
        #expect((try check(databaseTime: theirs)["clocks_apart"] != nil) == isFound)
    }

    @Test func `fails where commits may be lost`() throws {
        let found = try check(unsafeSettings: ["fsync = off"])
        #expect(found["commits_not_durable"]?.severity == .failure)
        #expect(found["commits_not_durable"]?.message.contains("fsync = off") == true)
    }

    @Test func `notices work that is late, but not of who just began`() throws {
        let long = now - .minutes(11)
        let late = try check(oldestUnsealed: long, removalLease: long)
        #expect(late["events_not_sealed"]?.severity == .failure)
        #expect(late["expired_not_removed"]?.severity == .warning)
        #expect(try check(removalLease: nil)["expired_not_removed"] != nil)
        let soon = now - .minutes(9)
        #expect(try check(oldestUnsealed: soon, removalLease: soon)["store"] != nil)
        let new = InstallationFacts.Serving(
            startedAt: soon, endsTLS: true, trustsProxies: false, connections: 4_096)
        #expect(try check(serving: new, oldestUnsealed: long, removalLease: nil)["store"] != nil)
    }

    @Test func `tells letters that wait from letters that could be wanted`() throws {
        #expect(try check(sendsMail: false)["no_mail"]?.severity == .warning)
        let waiting = try check(sendsMail: false, hasLetters: true)
        #expect(waiting["letters_not_sent"]?.severity == .failure)
        #expect(try check(hasLetters: true)["outgoing"] != nil)
    }

    @Test func `looks at how it is served`() throws {
        let open = InstallationFacts.Serving(
            startedAt: early, endsTLS: false, trustsProxies: false, connections: 100)
        let found = try check(serving: open)
        #expect(found["proxy_not_trusted"] != nil && found["few_connections"] != nil)
        #expect(try check(serving: nil)["opened_by_command"] != nil)
        let local = try check("http://127.0.0.1:8080", serving: open)
        #expect(local["address_of_this_machine"] != nil && local["proxy_not_trusted"] == nil)
    }
}

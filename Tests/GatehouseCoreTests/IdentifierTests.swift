import GatehouseCore
import Testing

@Suite struct `An identifier` {
    private let moment = Timestamp(milliseconds: 1_800_000_000_000)

    @Test func `has a prefix and 26 characters without look-alikes`() {
        let text = User.ID(at: moment).text
        #expect(text.wholeMatch(of: /usr_[0-9abcdefghjkmnpqrstvwxyz]{26}/) != nil)
        #expect(User.ID(parsing: text)?.text == text)
    }

    @Test func `is ordered by time`() {
        let moments: [Int64] = [0, 1, 999, 1_000, 1_800_000_000_000, 1_800_000_000_001, 1 << 47]
        let texts = moments.map { Session.ID(at: Timestamp(milliseconds: $0)).text }
        #expect(texts == texts.sorted())
        let later = (0..<1_000).map { User.ID(at: moment + .seconds($0)).text }
        #expect(later == later.sorted())
    }

    @Test func `GH-178: is never the same twice`() {
        let texts = (0..<10_000).map { _ in User.ID(at: moment).text }
        #expect(Set(texts).count == 10_000)
    }

    @Test func `GH-161: tells its kind, and every kind has a prefix of its own`() {
        let prefixes = [
            User.identifierPrefix, Client.identifierPrefix, Tenant.identifierPrefix,
            Session.identifierPrefix, Grant.identifierPrefix, Interaction.identifierPrefix,
            Event.identifierPrefix, ClientSecret.identifierPrefix, AccessToken.identifierPrefix,
        ]
        #expect(Set(prefixes).count == prefixes.count)
        let user = User.ID(at: moment).text
        #expect(Client.ID(parsing: user) == nil)
        #expect(Session.ID(parsing: user) == nil)
        #expect(User.ID(parsing: Client.ID(at: moment).text) == nil)
        #expect(User.ID(parsing: Grant.ID(at: moment).text) == nil)
    }

    @Test(arguments: [
        "", "usr", "usr_", "usr_01jz", "01jzabcdefghjkmnpqrstvwxyz",
        "usr-01jzabcdefghjkmnpqrstvwxyz0", "USR_01jzabcdefghjkmnpqrstvwxyz",
        "usr_01JZABCDEFGHJKMNPQRSTVWXYZ", "usr_01jzabcdefghjkmnpqrstvwxy",
        "usr_01jzabcdefghjkmnpqrstvwxyz0", "usr_01jzabcdefghjkmnpqrstvwxyi",
        "usr_01jzabcdefghjkmnpqrstvwxyl", "usr_01jzabcdefghjkmnpqrstvwxyo",
        "usr_01jzabcdefghjkmnpqrstvwxyu", " usr_01jzabcdefghjkmnpqrstvwxyz",
        "usr_01jzabcdefghjkmnpqrstvwxy\0", "usr_01jzabcdefghjkmnpqrstvwxy'",
        "usr_01jzabcdefghjkmnpqrstvwxé", "usr_01jzabcdefghjkmnpqrstvwx%_",
    ])
    func `GH-464: of another grammar is none`(text: String) {
        #expect(User.ID(parsing: text) == nil)
    }

    @Test func `of a moment before 1970 or at the end of time can be made`() {
        for milliseconds in [Int64.min, -1, .max] {
            let id = User.ID(at: Timestamp(milliseconds: milliseconds))
            #expect(User.ID(parsing: id.text) == id)
        }
    }

    @Test(arguments: [
        "", "-", "-a", "a-", "A", "a_b", "a.b", "xn--a", "é", "a/b", "_instance", " a",
    ])
    func `a slug of another grammar is none`(text: String) {
        #expect(Slug(parsing: text) == nil)
    }

    @Test func `a slug is a label as in a host name`() {
        for text in ["a", "0", "acme", "a-b", "a--b", String(repeating: "a", count: 63)] {
            #expect(Slug(parsing: text)?.text == text)
        }
        #expect(Slug(parsing: String(repeating: "a", count: 64)) == nil)
    }
}

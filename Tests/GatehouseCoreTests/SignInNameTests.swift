import GatehouseCore
import Testing

@Suite struct `A sign-in name` {
    private static let longLocal = String(repeating: "a", count: 64)
    private static let longDomain = String(repeating: "a.", count: 90) + "test"

    @Test(arguments: [
        ("kay@acme.test", "kay@acme.test"), ("Kay@ACME.Test", "kay@acme.test"),
        ("  kay@acme.test\t", "kay@acme.test"), ("kay+news@acme.test", "kay+news@acme.test"),
        ("k.a.y@a-b.acme.test", "k.a.y@a-b.acme.test"), ("o'neil@acme.test", "o'neil@acme.test"),
        ("kay@localhost", "kay@localhost"), ("!#$%&*/=?^_`{|}~-@a.b", "!#$%&*/=?^_`{|}~-@a.b"),
        ("kay@xn--caf-dma.test", "kay@xn--caf-dma.test"), (longLocal + "@a.b", longLocal + "@a.b"),
        ("a@" + longDomain, "a@" + longDomain),
    ])
    func `may be an address, whose ASCII letters are folded`(text: String, key: String) throws {
        let email = try #require(EmailAddress(parsing: text))
        #expect(email.key == key)
        #expect(email.text.lowercased() == key)
        #expect(SignInName(parsing: text) == .email(email))
    }

    @Test(arguments: [
        "", "kay", "@", "@acme.test", "kay@", "kay@acme", "kay@.test", "kay@acme.", "kay@a..b",
        ".kay@acme.test", "kay.@acme.test", "k..y@acme.test", "kay@-acme.test", "kay@acme-.test",
        "kay@acme_x.test", "kay@@acme.test", "a@b@acme.test", "kay @acme.test", "kay@ acme.test",
        "kay@acme.test,evil@evil.test", "kay@acme.test evil@evil.test", "kay@acme.test\nBcc:e@e.e",
        "kay@acme.test\r\nBcc:evil@evil.test", "kay@acme.test\0", "kay\0@acme.test",
        "\"kay \"@evil.test", "\"kay\"@acme.test", "<kay@acme.test>", "Kay <kay@acme.test>",
        "kay(x)@acme.test", "kay@[127.0.0.1]", "kay@acme.test;x", "kay:x@acme.test",
        "kay@acme\u{3002}test", "kay@acme\u{FF0E}test", "kay@\u{FF41}cme.test",
        "k\u{E4}y@acme.test", "kay@caf\u{E9}.test", "kay\u{200B}@acme.test",
        "kay\u{FF20}acme.test", "kay@acme.test\u{A0}", longLocal + "a@acme.test",
        "a@" + String(repeating: "a", count: 64) + ".test",
        longLocal + "@" + longDomain + ".test12",
    ])
    func `GH-239: is no address in any other spelling`(text: String) {
        #expect(EmailAddress(parsing: text) == nil)
    }

    @Test(arguments: [
        "\u{212A}ay@acme.test", "al\u{131}ce@acme.test", "al\u{130}ce@acme.test",
        "mi\u{17F}\u{17F}y@acme.test", "stra\u{DF}e@acme.test", "\u{FB01}n@acme.test",
        "\u{FF4B}ay@acme.test", "k\u{430}y@acme.test", "ka\u{301}y@acme.test",
        "kay@acme.te\u{17F}t", "\u{212A}ay", "mi\u{17F}\u{17F}y", "al\u{131}ce", "\u{FF4B}ay",
        "k\u{430}y", "ka\u{301}y",
    ])
    func `GH-455: that Unicode would fold to another is none`(text: String) {
        #expect(SignInName(parsing: text) == nil)
    }

    @Test(arguments: [
        ("kay", "kay"), ("Kay", "kay"), ("ada.lovelace-1_x", "ada.lovelace-1_x"), ("00", "00"),
        (" kay ", "kay"), (longLocal, longLocal), ("ILI", "ili"),
    ])
    func `may be a username, whose ASCII letters are folded`(text: String, key: String) throws {
        let username = try #require(Username(parsing: text))
        #expect(username.key == key)
        #expect(SignInName(parsing: text) == .username(username))
    }

    @Test(arguments: [
        "", "k", ".kay", "-kay", "_kay", "kay kay", "kay@acme.test", "kay@acme", "kay+1", "k/y",
        "k%00y", "kay\0", "kay\n", "kay\u{E9}", "' OR 1=1--", "\u{0661}\u{0662}", longLocal + "a",
    ])
    func `GH-187: is no username that could be an address or a trick`(text: String) {
        #expect(Username(parsing: text) == nil)
    }

    @Test func `GH-187: is either an address or a username, never both`() {
        for text in ["kay@acme.test", "kay", "Kay@localhost", "a.b", "localhost"] {
            #expect((EmailAddress(parsing: text) == nil) != (Username(parsing: text) == nil))
        }
    }
}

@Suite struct `A display name` {
    @Test(arguments: [
        ("Kay", "Kay"), ("  Kay  Miller ", "Kay  Miller"), ("\u{3000}名前\u{A0}", "名前"),
        ("O'Neil & Söhne <x>", "O'Neil & Söhne <x>"), ("👩‍👩‍👧", "👩‍👩‍👧"), ("ka\u{301}", "ka\u{301}"),
        (String(repeating: "é", count: 100), String(repeating: "é", count: 100)),
    ])
    func `is one line without spaces around it`(text: String, kept: String) throws {
        let name = try #require(DisplayName(parsing: text))
        #expect(Array(name.text.utf8) == Array(kept.utf8))
    }

    @Test(arguments: [
        "", " ", "\t\n", "a\nb", "a\r\nb", "a\0b", "a\u{1B}[31m", "a\u{2028}b", "a\u{85}b",
        "a\u{202E}b", "a\u{2066}b", "a\u{200B}b", "a\u{FEFF}b", "a\u{AD}b", "a\u{7F}", "a\u{378}",
        String(repeating: "a", count: 101), "\u{E0041}",
    ])
    func `GH-470: that hides something is none`(text: String) {
        #expect(DisplayName(parsing: text) == nil)
    }

    @Test(arguments: ["\u{200D}", "\u{200C}", "\u{200C}\u{200D}", " \u{200D} "])
    func `GH-470: that nobody can see is none`(text: String) {
        #expect(DisplayName(parsing: text) == nil)
    }
}

import GatehouseCore
import Testing

@Suite struct `A password` {
    private func refusal(_ text: String, _ context: [String] = []) -> PasswordRefusal? {
        do throws(PasswordRefusal) {
            _ = try Password(setting: text, context: context)
            return nil
        } catch {
            return error
        }
    }

    /// Text of so many code points that nobody guesses.
    private func unguessable(_ count: Int) -> String {
        let words = "tR7$kq!2 velvet-Orbit quilted#Moss Tin "
        return String(String(repeating: words, count: count / 38 + 1).prefix(count))
    }

    @Test(arguments: [8, 15, 64, 128, 255, 256])
    func `GH-188: may have 8 to 256 code points`(count: Int) {
        #expect(refusal(unguessable(count)) == nil)
    }

    @Test(
        arguments: [
            ("", .tooShort), ("vq7#Kx2", .tooShort), ("é7#Kx2q", .tooShort),
            ("🐎🔋📎🍕🚲🌵🎻", .tooShort), ("e\u{301}7#Kx2q", .tooShort),
        ] as [(String, PasswordRefusal)])
    func `GH-188: of seven code points is too short`(text: String, reason: PasswordRefusal) {
        #expect(refusal(text) == reason)
    }

    @Test func `GH-188, GH-190: of more than 256 code points is too long, never cut`() {
        #expect(refusal(unguessable(257)) == .tooLong)
        #expect(refusal(unguessable(1_024)) == .tooLong)
        #expect(refusal(String(repeating: "🐎🔋📎🍕", count: 64) + "x") == .tooLong)
        #expect(refusal(String(repeating: "a", count: 1 << 20)) == .tooLong)
        #expect(Password(presented: String(repeating: "a", count: 4_097)) == nil)
        #expect(Password(presented: String(repeating: "a", count: 1 << 20)) == nil)
    }

    @Test(arguments: [
        "correct horse battery staple", "🐎🔋📎🍕🚲🌵🎻🧊", "пароль-которого-нет", "tR7$kq!2Zx",
        "        x        y     q  ", "velvet orbit moss", "名前は秘密です。たぶん",
    ])
    func `GH-188: needs no particular characters`(text: String) {
        #expect(refusal(text) == nil)
    }

    @Test(
        arguments: [
            ("password", .common), ("iloveyou", .common), ("P@ssw0rd", .common),
            ("trustno1", .common), ("sunshine", .common), ("$$$$$$$$$$$$", .repeated),
            ("abcdefgh", .sequence), ("abcdefghijkl", .sequence), ("98765432", .sequence),
            ("zxcvfdsa", .keyboard), ("13.05.1987", .date), ("19870513", .date),
        ] as [(String, PasswordRefusal)])
    func `GH-188: that comes to mind first is refused with a hint`(
        text: String, reason: PasswordRefusal
    ) {
        #expect(refusal(text) == reason)
    }

    @Test(arguments: [
        ("kaymiller", ["Kay Miller"]), ("KayMiller1", ["Kay Miller", "kay@acme.test"]),
        ("kay@acme.test", ["kay@acme.test"]), ("acmecorp", ["AcmeCorp"]),
        ("gatehouse", ["Gatehouse"]), ("k4ymill3r", ["Kay Miller"]),
    ])
    func `GH-188: that is made of what is known of the person is refused`(
        text: String, context: [String]
    ) {
        #expect(refusal(text, context) == .personal)
    }

    @Test func `with a NUL is refused`() {
        #expect(refusal("velvet\0orbit moss") == .unusableCharacter)
        #expect(Password(presented: "velvet\0orbit moss") == nil)
        #expect(Password(presented: "") == nil)
    }

    @Test func `is judged with a context of any size`() {
        let book = String(repeating: "lorem ipsum 🔑 ", count: 20_000)
        #expect(refusal("velvet orbit moss", [book, "", " ", "\u{301}"]) == nil)
        #expect(refusal("password", [book]) == .common)
    }
}

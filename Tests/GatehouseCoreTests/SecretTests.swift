import GatehouseCore
import Testing

@Suite struct `A secret` {
    private let secret = Secret(for: .refreshToken)

    @Test func `has a prefix and 256 bits, and reads back`() throws {
        #expect(secret.revealed.wholeMatch(of: /rt_[A-Za-z0-9_-]{43}/) != nil)
        let read = try #require(Secret(secret.revealed, for: .refreshToken))
        #expect(read.revealed == secret.revealed)
        #expect(read.digest == secret.digest)
        #expect(read.digest == SecretDigest(of: secret.revealed))
    }

    @Test func `GH-178: is never the same twice`() {
        let secrets = (0..<10_000).map { _ in Secret(for: .authorizationCode).revealed }
        #expect(Set(secrets).count == 10_000)
        #expect(Set(secrets.map { $0.dropFirst(3).prefix(4) }).count > 9_900)
    }

    @Test func `GH-074, GH-122: that was shortened is refused`() {
        for count in 0..<secret.revealed.count {
            #expect(Secret(String(secret.revealed.prefix(count)), for: .refreshToken) == nil)
            #expect(Secret(String(secret.revealed.suffix(count)), for: .refreshToken) == nil)
        }
    }

    @Test(arguments: ["A", "=", "==", " ", "\n", "\0", ".", "é", "\u{301}", "AAAA"])
    func `GH-074, GH-122: that was lengthened is refused`(tail: String) {
        #expect(Secret(secret.revealed + tail, for: .refreshToken) == nil)
        #expect(Secret(tail + secret.revealed, for: .refreshToken) == nil)
    }

    @Test func `GH-122: in another case is refused, or is another`() {
        #expect(Secret(secret.revealed.uppercased(), for: .refreshToken) == nil)
        let lower = Secret(secret.revealed.lowercased(), for: .refreshToken)
        #expect(lower?.digest != secret.digest)
        #expect(Secret("RT_" + secret.revealed.dropFirst(3), for: .refreshToken) == nil)
    }

    @Test func `GH-122: is never taken for one of another purpose`() {
        let purposes: [Secret.Purpose] = [
            .authorizationCode, .refreshToken, .clientSecret, .session, .browser, .device,
            .adminLink,
        ]
        #expect(Set(purposes.map(\.rawValue)).count == purposes.count)
        for made in purposes {
            let text = Secret(for: made).revealed
            for read in purposes {
                #expect((Secret(text, for: read) != nil) == (made == read))
            }
            let swapped = Secret(made.rawValue + "_" + secret.revealed.dropFirst(3), for: made)
            #expect((swapped?.digest == secret.digest) == (made == .refreshToken))
        }
    }

    @Test func `GH-122, GH-454: has one spelling`() {
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/="
        let head = secret.revealed.dropLast()
        let spellings = alphabet.filter { Secret(head + String($0), for: .refreshToken) != nil }
        #expect(spellings == "AEIMQUYcgkosw048")
        let digests = spellings.compactMap {
            Secret(head + String($0), for: .refreshToken)?.digest
        }
        #expect(Set(digests).count == 16)
    }

    @Test func `is not printed`() throws {
        let values: [Any] = [
            secret, try #require(InstanceKey(World.key)), try #require(Password(presented: "hush")),
            [secret], ["secret": secret] as [String: Secret], Optional(secret) as Any,
            Browser(secret: secret, session: secret),
        ]
        for value in values {
            var dumped = ""
            dump(value, to: &dumped)
            for text in ["\(value)", String(reflecting: value), String(describing: value), dumped] {
                #expect(text.contains("‹secret›"))
                #expect(!text.contains(secret.revealed.dropFirst(3)))
                #expect(!text.contains("hush") && !text.contains("[7, 7") && !text.contains("- 7"))
            }
            #expect(Mirror(reflecting: secret).children.isEmpty)
        }
    }

    @Test func `a hash is not printed either`() {
        let hash = PasswordHash(stored: "$argon2id$v=19$hush")
        var dumped = ""
        dump(hash, to: &dumped)
        for text in ["\(hash)", String(reflecting: hash), dumped] {
            #expect(!text.contains("hush"))
        }
    }

    @Test func `GH-176: authenticates a text for its holder alone`() {
        let code = secret.authenticationCode(for: "interaction/1")
        #expect(secret.isValid(code, for: "interaction/1"))
        #expect(!secret.isValid(code, for: "interaction/2"))
        #expect(!Secret(for: .refreshToken).isValid(code, for: "interaction/1"))
        for wrong in ["", code + "A", String(code.dropLast()), code + "=", "\0", code.uppercased()]
        {
            #expect(!secret.isValid(wrong, for: "interaction/1"))
        }
    }
}

import GatehouseCore
import Testing

@Suite(.timeLimit(.minutes(2))) struct `The password hasher` {
    private let hasher: PasswordHasher

    init() throws {
        hasher = try PasswordHasher(memory: 64, threads: 2)
    }

    private func isValid(_ presented: String, for set: String) async throws -> Bool {
        let hash = try await hasher.hash(try Password(setting: set, context: []))
        return try await hasher.isValid(try #require(Password(presented: presented)), for: hash)
    }

    @Test func `tells the right password from others`() async throws {
        let hash = try await hasher.hash(try #require(Password(presented: "velvet orbit moss")))
        #expect(hash.text.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
        for (text, fits) in [
            ("velvet orbit moss", true), ("velvet orbit mos", false), ("Velvet orbit moss", false),
            ("velvet orbit moss ", false), ("x", false),
        ] {
            let presented = try #require(Password(presented: text))
            #expect(try await hasher.isValid(presented, for: hash) == fits)
        }
    }

    @Test func `makes another hash each time`() async throws {
        let password = try #require(Password(presented: "velvet orbit moss"))
        let first = try await hasher.hash(password)
        let second = try await hasher.hash(password)
        #expect(first != second)
        #expect(!hasher.isOutdated(first))
    }

    @Test func `GH-448: takes every normal form of a password for the same`() async throws {
        #expect(try await isValid("café-orbit", for: "cafe\u{301}-orbit"))
        #expect(try await isValid("cafe\u{301}-orbit", for: "caf\u{E9}-orbit"))
        #expect(try await isValid("\u{212B}ngstr\u{F6}m-7", for: "A\u{30A}ngstro\u{308}m-7"))
        #expect(try await !isValid("cafe-orbit", for: "caf\u{E9}-orbit"))
        #expect(try await !isValid("\u{FB01}sh-orbit", for: "fish-orbit"))
    }

    @Test func `GH-448: takes a long password in either normal form`() async throws {
        // 200 syllables: 600 bytes composed, 1800 bytes decomposed.
        let composed = String(repeating: "각난닫랄맘밥삿앙", count: 25)
        let letters: [(String, String)] = [
            ("각", "\u{1100}\u{1161}\u{11A8}"), ("난", "\u{1102}\u{1161}\u{11AB}"),
            ("닫", "\u{1103}\u{1161}\u{11AE}"), ("랄", "\u{1105}\u{1161}\u{11AF}"),
            ("맘", "\u{1106}\u{1161}\u{11B7}"), ("밥", "\u{1107}\u{1161}\u{11B8}"),
            ("삿", "\u{1109}\u{1161}\u{11BA}"), ("앙", "\u{110B}\u{1161}\u{11BC}"),
        ]
        let typed = String(repeating: letters.map(\.1).joined(), count: 25)
        let hash = try await hasher.hash(try #require(Password(presented: composed)))
        let presented = try #require(Password(presented: typed))
        #expect(try await hasher.isValid(presented, for: hash))
    }

    @Test func `GH-092: reads a password to its end`() async throws {
        let head = String(String(repeating: "velvet-Orbit7 quilted#Moss ", count: 10).prefix(255))
        #expect(try await isValid(head + "a", for: head + "a"))
        #expect(try await !isValid(head + "b", for: head + "a"))
        let first72 = String(head.prefix(72))
        #expect(try await !isValid(first72 + " one", for: first72 + " two"))
        #expect(try await !isValid(first72, for: first72 + " two"))
    }

    @Test(arguments: ["", "x", "$argon2id$", "$2b$12$abc", "plain:velvet orbit moss"])
    func `fits no password to what is no hash`(stored: String) async throws {
        let password = try #require(Password(presented: "velvet orbit moss"))
        let hash = PasswordHash(stored: stored)
        #expect(try await hasher.isValid(password, for: hash) == false)
    }

    @Test func `GH-190: tells at once those who would wait too long`() async throws {
        let narrow = try PasswordHasher(memory: 19, threads: 1, patience: .seconds(600))
        let password = try #require(Password(presented: "velvet orbit moss"))
        let outcomes = await concurrently(200) { _ in try await narrow.hash(password) }
        let hashes = outcomes.compactMap { outcome in try? outcome.get() }
        let busy = outcomes.count { outcome in
            if case .failure(let error) = outcome { error is PasswordHasher.Busy } else { false }
        }
        #expect(hashes.count + busy == 200)
        #expect(hashes.count >= 32 && busy > 0)
        #expect(try await narrow.isValid(password, for: hashes.first))
    }

    @Test func `gives up what waited too long, and is free again`() async throws {
        let hasty = try PasswordHasher(memory: 19, threads: 1, patience: .zero)
        let password = try #require(Password(presented: "velvet orbit moss"))
        for _ in 0..<100 {
            await #expect(throws: PasswordHasher.Busy.self) { try await hasty.hash(password) }
        }
        #expect(throws: Never.self) { try hasty.requireRoom() }
    }

    @Test func `GH-182: takes a turn for a user without a password, too`() async throws {
        let narrow = try PasswordHasher(memory: 19, threads: 1, patience: .seconds(600))
        let password = try #require(Password(presented: "velvet orbit moss"))
        #expect(try await narrow.isValid(password, for: nil) == false)
        let outcomes = await concurrently(200) { _ in
            try await narrow.isValid(password, for: nil)
        }
        #expect(
            outcomes.contains { outcome in
                if case .failure(let error) = outcome {
                    error is PasswordHasher.Busy
                } else {
                    false
                }
            })
        #expect(outcomes.allSatisfy { outcome in (try? outcome.get()) != true })
    }
}

import GatehouseEncoding
import Testing

@Suite struct `Base64url` {
    @Test(
        arguments: [
            ("", []), ("AA", [0]), ("QQ", [0x41]), ("QUI", [0x41, 0x42]),
            ("QUJD", [0x41, 0x42, 0x43]),
            ("_w", [0xFF]), ("__8", [0xFF, 0xFF]), ("____", [0xFF, 0xFF, 0xFF]),
            ("-_-_", [0xFB, 0xFF, 0xBF]), ("AAAAAA", [0, 0, 0, 0]), ("A-z_", [0x03, 0xEC, 0xFF]),
        ] as [(String, [UInt8])])
    func `canonical text is read and written`(text: String, bytes: [UInt8]) {
        #expect(Base64URL.decode(text) == bytes)
        #expect(Base64URL.decode(Array(text.utf8)) == bytes)
        #expect(Base64URL.encode(bytes) == text)
    }

    @Test(arguments: [
        "Q", "QR", "QS", "Qf", "QUJ", "QUK", "QQ==", "QQ=", "QUI=", "=", "====", "QUJDR", "Q Q",
        " QQ", "QQ ", "QQ\n", "Q\nQ", "\tQQ", "QUJD\r\n", "+w", "/w", "__9", "__-", "_x", "Q.Q",
        "Q\0", "\0\0", "QQ\u{0301}", "Ԛ", "ＱＱ", "QÀ", "A\u{0300}A", "Q*JD", "QU-=", "===A",
        "QUJDQQ==", "Q~", "Q!", "\u{FEFF}QQ", "K\u{212A}",
    ])
    func `anything else is refused`(text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    @Test func `every text of two symbols stands for one byte or is refused`() {
        let symbols = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var read: [[UInt8]: Int] = [:]
        for first in symbols {
            for second in symbols {
                guard let bytes = Base64URL.decode([first, second]) else { continue }
                read[bytes, default: 0] += 1
                #expect(Array(Base64URL.encode(bytes).utf8) == [first, second])
            }
        }
        #expect(read.count == 256)
        #expect(read.values.allSatisfy { $0 == 1 })
    }

    @Test func `what is written is read again`() {
        var numbers = SeededNumbers(seed: 1)
        for length in 0..<200 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &numbers) }
            let text = Base64URL.encode(bytes)
            #expect(Base64URL.decode(text) == bytes)
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
    }

    /// What RFC 4648 §4 says, six bits at a time.
    private func plainly(_ bytes: [UInt8]) -> [UInt8] {
        let symbols = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        let bits = bytes.flatMap { byte in (0..<8).map { Int(byte) >> (7 - $0) & 1 } }
        return stride(from: 0, to: bits.count, by: 6).map { start in
            symbols[(start..<start + 6).reduce(0) { $0 << 1 | ($1 < bits.count ? bits[$1] : 0) }]
        }
    }

    @Test func `every length is written after what is there already`() {
        var numbers = SeededNumbers(seed: 4648)
        for length in Array(0..<130) + [4_095, 4_096, 4_097, 80_000, 80_001, 80_002] {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &numbers) }
            var text = Array("head.".utf8)
            Base64URL.append(bytes, to: &text)
            #expect(text == Array("head.".utf8) + plainly(bytes))
        }
    }

    @Test func `every byte is written in each of three places`() {
        for byte in UInt8.min...UInt8.max {
            for bytes in [[byte, 0, 0xFF], [0, byte, 0xFF], [0xFF, 0, byte], [0, byte], [byte]] {
                #expect(Array(Base64URL.encode(bytes).utf8) == plainly(bytes))
            }
        }
    }
}

@Suite struct `Base64 of HTTP Basic` {
    @Test(arguments: [
        ("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob"),
        ("Zm9vYmE=", "fooba"), ("Zm9vYmFy", "foobar"), ("Pz8/", "???"), ("Pj4+", ">>>"),
    ])
    func `canonical text is read and written`(text: String, value: String) {
        #expect(Base64.decode(text) == Array(value.utf8))
        #expect(Base64.encode(value.utf8) == text)
    }

    @Test(arguments: [
        "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm8", "Z===", "=", "==", "====", "Zm9v====",
        "Zg==Zg==",
        "Zg== ", " Zg==", "Zg\n==", "Pz8_", "Pj4-", "Zm=v", "Zm9v=", "Zg=A", "\0\0\0\0",
    ])
    func `anything else is refused`(text: String) {
        #expect(Base64.decode(text) == nil)
    }
}

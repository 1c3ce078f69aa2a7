import Crypto
import GatehouseEncoding
import GatehouseJOSE
import Testing

@Suite struct `Signatures` {
    private static let order: [UInt8] = [
        0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63,
        0x25, 0x51,
    ]
    private static let zero = [UInt8](repeating: 0, count: 32)
    private static let one = [UInt8](repeating: 0, count: 31) + [1]
    private static let pairs: [([UInt8], [UInt8])] = [
        (zero, zero), (zero, one), (one, zero), (order, order), (order, one), (one, order),
        (one, one), ([], []), (zero, []), (zero, zero.dropLast()), (zero, zero + [0]),
        (order + [0], order), ([UInt8](repeating: 0xFF, count: 32), order),
    ]

    @Test(arguments: pairs.map { $0 + $1 })
    func `numbers out of range and wrong lengths are no ES256 signature`(signature: [UInt8]) {
        let token = Fixtures.token(#"{"alg":"ES256"}"#, signature: signature)
        #expect(Fixtures.refusal(token) == .wrongSignature)
    }

    @Test func `a DER signature or one with a byte more or less is refused`() throws {
        let header = #"{"alg":"ES256"}"#
        let input = Base64URL.encode(header.utf8) + "." + Base64URL.encode(Fixtures.claims)
        let raw = try Fixtures.es256.signature(for: Array(input.utf8))
        #expect(Fixtures.refusal(Fixtures.token(header, signature: raw)) == nil)
        let der = try P256.Signing.ECDSASignature(rawRepresentation: raw).derRepresentation
        let wrongs: [[UInt8]] = [
            Array(der), raw + [0], [0] + raw, raw.dropLast(), Array(raw.dropFirst()),
        ]
        for wrong in wrongs {
            #expect(Fixtures.refusal(Fixtures.token(header, signature: wrong)) == .wrongSignature)
        }
    }

    @Test(arguments: [Algorithm.rs256, .ps256, .edDSA])
    func `a signature of another length is refused`(algorithm: Algorithm) throws {
        let key = try #require(Fixtures.keys.first { $0.algorithm == algorithm })
        let header = #"{"alg":"\#(algorithm.name)"}"#
        let input = Base64URL.encode(header.utf8) + "." + Base64URL.encode(Fixtures.claims)
        let right = try key.signature(for: Array(input.utf8))
        let zeros = [UInt8](repeating: 0, count: right.count)
        let ones = [UInt8](repeating: 0xFF, count: right.count)
        let wrongs: [[UInt8]] = [
            [], [0], right + [0], [0] + right, right.dropLast(), zeros, ones, right + right,
        ]
        for wrong in wrongs {
            let token = Fixtures.token(header, signature: wrong)
            #expect(Fixtures.refusal(token, by: [key.publicKey]) == .wrongSignature)
        }
    }

    @Test(arguments: Fixtures.keys)
    func `a token with any bit flipped is refused`(key: SigningKey) throws {
        let token = try Fixtures.token(
            #"{"alg":"\#(key.algorithm.name)"}"#, Array(#"{"sub":"kay"}"#.utf8), key: key)
        #expect(Fixtures.refusal(token, by: [key.publicKey]) == nil)
        let parts = token.split(separator: ".").map { Fixtures.bytes(String($0)) }
        for part in parts.indices {
            for bit in 0..<(parts[part].count * 8) {
                var flipped = parts
                flipped[part][bit / 8] ^= 1 << UInt8(bit % 8)
                let text = flipped.map { Base64URL.encode($0) }.joined(separator: ".")
                #expect(
                    Fixtures.refusal(text, by: [key.publicKey]) != nil, "part \(part), bit \(bit)")
            }
        }
    }

    @Test func `the parts of two tokens do not mix`() throws {
        let first = try Fixtures.token(#"{"alg":"ES256"}"#, Array(#"{"sub":"a"}"#.utf8))
        let second = try Fixtures.token(#"{"alg":"ES256"}"#, Array(#"{"sub":"b"}"#.utf8))
        let one = first.split(separator: "."), other = second.split(separator: ".")
        #expect(Fixtures.refusal("\(one[0]).\(one[1]).\(other[2])") == .wrongSignature)
        #expect(Fixtures.refusal("\(one[0]).\(other[1]).\(one[2])") == .wrongSignature)
    }

    @Test func `10 000 mutated tokens are refused`() throws {
        let key = Fixtures.rs256
        let token = Array(try Signer(key, type: .jwt).sign(Fixtures.claims).utf8)
        let symbols = Array(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=".utf8)
        var numbers = SeededNumbers(seed: 7515)
        for _ in 0..<10_000 {
            var bytes = token
            for _ in 0..<Int.random(in: 1...3, using: &numbers) {
                let place = Int.random(in: 0..<bytes.count, using: &numbers)
                let symbol = symbols.randomElement(using: &numbers) ?? 0
                switch Int.random(in: 0..<8, using: &numbers) {
                case 0: bytes.insert(symbol, at: place)
                case 1: bytes.remove(at: place)
                case 2: bytes[place] = UInt8.random(in: 0...255, using: &numbers)
                case 3: bytes.swapAt(place, Int.random(in: 0..<bytes.count, using: &numbers))
                default: bytes[place] = symbol
                }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            let isSame = text.isExactly(String(decoding: token, as: UTF8.self))
            #expect((Fixtures.refusal(text, by: [key.publicKey]) == nil) == isSame)
        }
    }

    @Test(arguments: [0, 1, 62, 63, 64, 65, 60_000])
    func `the digest that came of signing is the one of the token`(length: Int) throws {
        for key in Fixtures.keys {
            let token = try Signer(key, type: .accessToken).digested(
                Array(repeating: 0x20, count: length))
            for algorithm in Algorithm.allCases {
                #expect(
                    AccessTokenHash.inIDToken(of: token, signedWith: algorithm)
                        == AccessTokenHash.inIDToken(of: token.text, signedWith: algorithm))
            }
        }
    }

    @Test func `many tasks sign with one key at once`() async throws {
        for key in Fixtures.keys {
            let signer = Signer(key, type: .jwt)
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<16 { group.addTask { try signer.sign(Fixtures.claims) } }
                for try await token in group {
                    #expect(Fixtures.refusal(token, by: [key.publicKey]) == nil)
                }
            }
        }
    }
}

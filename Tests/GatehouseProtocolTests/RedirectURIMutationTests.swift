import GatehouseEncoding
import GatehouseProtocol
import Testing

/// Random numbers that are the same in every run (SplitMix64), so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

/// What somebody who wants a code elsewhere would try on a registered URI.
private struct Mutator {
    var generator: SeededGenerator

    private static let pieces = [
        "@", "@evil.test", ":", ":1", ":443", ":51004", ":65536", ":０", "/", "//", "\\", ".",
        "..", "/..", "/%2e%2e/", "%", "%00", "%2f", "%c0%af", "?", "?x=1", "&b=2", "#", "#x", " ",
        "\t", "\n", "\r\n", "\0", "\u{301}", "\u{212A}", "\u{37E}", "\u{FF0F}", "\u{3002}", "é",
        "evil.test", ".evil.test", "http://", "https://", "javascript:", "[::1]", "localhost",
        "127.0.0.1", "A", "a", "b", "0", "1", ";", ",", "'", "\"", "<", "[", "]", "\u{200B}",
    ]

    /// The URI with one to three changes, none of which need change anything in the end.
    mutating func mutation(of uri: String) -> String {
        var scalars = Array(uri.unicodeScalars)
        for _ in 0...Int.random(in: 0...2, using: &generator) { change(&scalars) }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return String(text)
    }

    private mutating func change(_ scalars: inout [Unicode.Scalar]) {
        let place = Int.random(in: 0...scalars.count, using: &generator)
        let end = min(scalars.count, place + Int.random(in: 0...4, using: &generator))
        let piece = Array(
            (Self.pieces.randomElement(using: &generator) ?? "").unicodeScalars)
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: scalars.insert(contentsOf: piece, at: place)
        case 1: scalars.removeSubrange(place..<end)
        case 2: scalars.replaceSubrange(place..<end, with: piece)
        case 3: flipCase(&scalars, at: place)
        case 4: scalars.insert(contentsOf: scalars[place..<end], at: place)
        default: changePort(&scalars)
        }
    }

    private func flipCase(_ scalars: inout [Unicode.Scalar], at place: Int) {
        guard place < scalars.count, scalars[place].isASCII, scalars[place].properties.isAlphabetic
        else { return }
        scalars[place] = Unicode.Scalar(UInt8(scalars[place].value) ^ 0x20)
    }

    /// Puts another port where one may stand, so that the loopback rule is met often.
    private mutating func changePort(_ scalars: inout [Unicode.Scalar]) {
        guard
            let start = scalars.indices.first(where: {
                scalars[$0...].starts(with: "://".unicodeScalars)
            })
        else { return }
        let host = scalars[(start + 3)...]
        let end = host.firstIndex { "/?#".unicodeScalars.contains($0) } ?? host.endIndex
        let port = Int.random(in: 0...70_000, using: &generator)
        scalars.insert(contentsOf: ":\(port)".unicodeScalars, at: end)
    }
}

@Suite struct `A mutated redirect URI` {
    /// The loopback rule of RFC 8252 §7.3, told once more and as plainly as can be: prefix, a port
    /// of 1 to 65535 without leading zeros, and the same rest.
    private func differsInPortOnly(_ requested: String, host: String, rest: String) -> Bool {
        let bytes = Array(requested.utf8)
        guard bytes.starts(with: host.utf8), bytes.count >= host.utf8.count + rest.utf8.count,
            bytes.suffix(rest.utf8.count).elementsEqual(rest.utf8)
        else { return false }
        let middle = bytes.dropFirst(host.utf8.count).dropLast(rest.utf8.count)
        guard let colon = middle.first else { return true }
        let digits = middle.dropFirst()
        return colon == UInt8(ascii: ":") && (1...5).contains(digits.count)
            && digits.allSatisfy { (48...57).contains($0) } && digits.first != 48
            && (Int(String(decoding: digits, as: UTF8.self)) ?? 0) <= 65_535
    }

    @Test(arguments: [
        "https://rp.test/cb", "https://rp.test:8443/cb?a=1&b=2", "com.acme.app:/cb",
        "http://localhost/cb", "https://127.0.0.1/cb",
    ])
    func `GH-031 to GH-053: is covered only if it is the same`(registered: String) throws {
        let uri = try RedirectURI(registering: registered)
        var mutator = Mutator(generator: SeededGenerator(seed: 0x6761_7465))
        var same = 0
        for _ in 0..<4_000 {
            let requested = mutator.mutation(of: registered)
            let isSame = requested.isExactly(registered)
            if isSame { same += 1 }
            let isCovered = uri.covers(requested) != nil
            if isCovered != isSame { Issue.record("\(registered) and \(requested)") }
        }
        #expect(same > 0 && same < 2_000)
    }

    @Test(arguments: [
        ("http://127.0.0.1", "", "/cb"), ("http://127.0.0.1", ":8080", "/cb?a=1"),
        ("http://[::1]", "", "/cb"), ("http://127.0.0.1", "", ""),
    ])
    func `GH-044: is covered on loopback only if it differs in the port alone`(
        host: String, port: String, rest: String
    ) throws {
        let uri = try RedirectURI(registering: host + port + rest)
        var mutator = Mutator(generator: SeededGenerator(seed: 0x686F_7573))
        var covered = 0
        for _ in 0..<5_000 {
            let requested = mutator.mutation(of: host + rest)
            let isPortOnly = differsInPortOnly(requested, host: host, rest: rest)
            let covering = uri.covers(requested)
            if covering != nil { covered += 1 }
            if (covering != nil) != isPortOnly { Issue.record("\(uri.text) and \(requested)") }
            if let covering, !covering.text.isExactly(requested) { Issue.record("\(requested)") }
        }
        #expect(covered > 100 && covered < 2_500)
    }
}

import GatehouseCore

extension Lifetime {
    /// The units of a time on the command line, the largest first.
    private static let units: [(letter: String, unit: Lifetime)] = [
        ("d", .days(1)), ("h", .hours(1)), ("m", .minutes(1)), ("s", .seconds(1)),
    ]

    /// Reads `90s`, `15m`, `1h` or `7d`; nil if it is none.
    init?(words text: String) {
        guard let (letter, unit) = Self.units.first(where: { text.hasSuffix($0.letter) }),
            let count = Int64(text.dropLast(letter.count)), text.first != "+",
            (1...100_000_000).contains(count)
        else { return nil }
        self = Lifetime.seconds(count * unit.seconds)
    }

    /// The time as one reads it on the command line.
    var words: String {
        let (letter, unit) =
            Self.units.first { seconds.isMultiple(of: $0.unit.seconds) } ?? ("s", .seconds(1))
        return "\(seconds / unit.seconds)\(letter)"
    }
}
